// Messages between the page and a Worker whose functions it calls.

/** The name of a function of the Worker, and its arguments. */
export interface WorkerCall {
  readonly id: number;
  readonly name: string;
  /** Functions and signals are replaced by markers: see `asMessage`. */
  readonly given: readonly unknown[];
}

/** Stops the call: its AbortSignal was aborted here. */
export interface CallStop {
  readonly stopped: number;
}

/** The result of a function that the Worker called. */
export interface CallAnswer {
  readonly answered: number;
  readonly value: unknown;
}

export type CallRequest = WorkerCall | CallStop | CallAnswer;

export type CallReply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }
  | CallQuestion;

/** Calls a function argument by its number; the page answers with the question's number. */
export interface CallQuestion {
  readonly id: number;
  readonly called: number;
  readonly question: number;
  readonly given: readonly unknown[];
}

type Called = (...given: unknown[]) => unknown;

/** Markers that replace functions and an AbortSignal in the arguments. */
type Mark = { readonly markedFunction: number } | { readonly markedSignal: true };

/** The arguments of a call as a message; its functions and its signal stay here. */
export function asMessage(given: readonly unknown[]): {
  readonly given: readonly unknown[];
  readonly functions: readonly Called[];
  readonly signal: AbortSignal | undefined;
} {
  const functions: Called[] = [];
  let signal: AbortSignal | undefined;
  const marked = given.map((options) =>
    withFields(options, (value): unknown => {
      if (typeof value === "function") {
        functions.push(value as Called);
        return { markedFunction: functions.length - 1 } satisfies Mark;
      }
      if (!(value instanceof AbortSignal)) return value;
      signal = value;
      return { markedSignal: true } satisfies Mark;
    }),
  );
  return { given: marked, functions, signal };
}

/** The other side: functions that forward to `call`, and a signal of this side. */
export function fromMessage(
  given: readonly unknown[],
  signal: AbortSignal,
  call: (index: number, given: readonly unknown[]) => Promise<unknown>,
): readonly unknown[] {
  return given.map((options) =>
    withFields(options, (value): unknown => {
      if (typeof value !== "object" || value === null) return value;
      if ("markedSignal" in value) return signal;
      if (!("markedFunction" in value)) return value;
      const index = value.markedFunction as number;
      return (...given: unknown[]) => call(index, given);
    }),
  );
}

/** A plain object with changed fields; the same object if none changes. */
function withFields(value: unknown, change: (field: unknown) => unknown): unknown {
  if (Object.getPrototypeOf(value ?? 0) !== Object.prototype) return value;
  const fields = Object.entries(value as object);
  const changed = fields.map(([key, field]) => [key, change(field)] as const);
  const isSame = changed.every(([, field], i) => field === fields[i][1]);
  return isSame ? value : Object.fromEntries(changed);
}
