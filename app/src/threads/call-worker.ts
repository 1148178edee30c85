// Calls functions that run in a Worker.

import { asMessage, type CallQuestion, type CallReply, type CallRequest } from "./call-messages.js";
import { inPieces } from "./large-messages.js";

interface Pending {
  readonly functions: readonly ((...given: unknown[]) => unknown)[];
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** Functions that a Worker runs. */
type WorkOf<Work> = { readonly [Name in keyof Work]: (...given: never[]) => Promise<unknown> };

/**
 * The functions of a Worker (`serveCalls`) by their names. Each call is forwarded to it; an error there is thrown
 * here, with the same message. The fields of an argument object may be functions, which the Worker can call and
 * await, and an AbortSignal: when it aborts, the call rejects at once, and the Worker stops as soon as it can.
 */
export function callWorker<Work extends WorkOf<Work>>(
  worker: Worker,
  names: readonly (keyof Work & string)[],
): Work {
  const pending = new Map<number, Pending>();
  let calls = 0;
  worker.onmessage = ({ data: reply }: MessageEvent<CallReply>) => {
    const call = pending.get(reply.id);
    if ("called" in reply) {
      if (call) void answer(call, reply);
      return;
    }
    pending.delete(reply.id);
    if ("error" in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.answer);
  };
  const tell: (request: CallRequest) => Promise<void> = inPieces((message, transfer) =>
    worker.postMessage(message, transfer),
  );
  const answer = async (
    { functions, reject }: Pending,
    { called, question, given }: CallQuestion,
  ) => {
    try {
      await tell({ answered: question, value: await functions[called](...given) });
    } catch (error) {
      reject(error);
    }
  };
  const ask =
    (name: string) =>
    (...all: readonly unknown[]) => {
      const id = ++calls;
      const { given, functions, signal } = asMessage(all);
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        pending.set(id, { functions, resolve, reject });
        tell({ id, name, given }).catch(reject);
        signal?.addEventListener("abort", () => {
          if (!pending.delete(id)) return;
          tell({ stopped: id }).catch(() => {});
          reject(signal.reason);
        });
      });
    };
  return Object.fromEntries(names.map((name) => [name, ask(name)])) as unknown as Work;
}
