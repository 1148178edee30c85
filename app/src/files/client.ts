// The page's side of the Worker for files.

import { inPieces } from "../threads/large-messages.js";
import { asMessage, type FileQuestion, type FileReply, type FileRequest } from "./messages.js";
import type { FileWork } from "./work.js";

const NAMES = [
  "readImages",
  "recoloured",
  "countPages",
  "readLabels",
  "encode",
  "decode",
  "readCheckpoint",
  "openProject",
  "packProject",
  "checkpoint",
  "pictures",
  "packPictures",
  "report",
  "figures",
] as const satisfies readonly (keyof FileWork)[];

interface Pending {
  readonly functions: readonly ((...given: unknown[]) => unknown)[];
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * Each call is forwarded to the Worker; an error there is thrown here, with the same message. The fields of
 * an argument object may be functions, which the Worker can call and await, and an AbortSignal: when it
 * aborts, the call rejects at once, and the Worker stops as soon as it can.
 */
export function createFileWork(): FileWork {
  const worker = new Worker(new URL("./files-worker.ts", import.meta.url), { type: "module" });
  const pending = new Map<number, Pending>();
  let calls = 0;
  worker.onmessage = ({ data: reply }: MessageEvent<FileReply>) => {
    const call = pending.get(reply.id);
    if ("called" in reply) {
      if (call) void answer(call, reply);
      return;
    }
    pending.delete(reply.id);
    if ("error" in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.answer);
  };
  const tell: (request: FileRequest) => Promise<void> = inPieces((message, transfer) =>
    worker.postMessage(message, transfer),
  );
  const answer = async (
    { functions, reject }: Pending,
    { called, question, given }: FileQuestion,
  ) => {
    try {
      await tell({ answered: question, value: await functions[called](...given) });
    } catch (error) {
      reject(error);
    }
  };
  const ask =
    (name: keyof FileWork) =>
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
  return Object.fromEntries(NAMES.map((name) => [name, ask(name)])) as unknown as FileWork;
}
