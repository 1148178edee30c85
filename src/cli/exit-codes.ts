// Exit codes of commands that schedulers run: whether it makes sense to start the same command again.

/** Done. */
export const DONE = 0;
/** Wrong input: the same command fails again. */
export const FAILED = 1;
/** A failure that may pass, or work that was stopped: the same command goes on. EX_TEMPFAIL of sysexits.h. */
export const TEMPORARY = 75;

/** A failure that may pass, on this machine or on another. */
export class TemporaryFailure extends Error {}

/** An error that ends the program with this exit code. */
export class CodedError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Errors of the system that may pass: of shared file systems, networks, memory and full disks of one machine. */
const PASSING = new Set([
  ...["EAGAIN", "EBUSY", "EIO", "ENOLCK", "ESTALE", "ENXIO", "EREMOTEIO"],
  ...["EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EDQUOT", "EINTR"],
  ...[
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENETDOWN",
    "ETIMEDOUT",
    "EPIPE",
  ],
  ...["EAI_AGAIN", "UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT"],
]);

/** The exit code of an error: 75 if it, or what caused it, may pass, or if the work was stopped, else 1. */
export function exitCodeOf(error: unknown): number {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof TemporaryFailure || at.name === "AbortError") return TEMPORARY;
    if (PASSING.has((at as NodeJS.ErrnoException).code ?? "")) return TEMPORARY;
  }
  return FAILED;
}
