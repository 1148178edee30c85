// The page's side of the Worker for files.

import { inPieces } from "../threads/large-messages.js";
import type { FileReply, FileRequest } from "./messages.js";
import type { FileWork } from "./work.js";

const NAMES = [
  "readImages",
  "readLabels",
  "encode",
  "decode",
  "openProject",
  "packProject",
  "checkpoint",
  "pictures",
  "packPictures",
  "report",
  "figures",
] as const satisfies readonly (keyof FileWork)[];

/** Each call goes to the Worker; what it throws there is thrown here, with the same words. */
export function createFileWork(): FileWork {
  const worker = new Worker(new URL("./files-worker.ts", import.meta.url), { type: "module" });
  const pending = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let calls = 0;
  worker.onmessage = ({ data: reply }: MessageEvent<FileReply>) => {
    const call = pending.get(reply.id);
    pending.delete(reply.id);
    if ("error" in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.answer);
  };
  const tell: (request: FileRequest) => Promise<void> = inPieces((message, transfer) =>
    worker.postMessage(message, transfer),
  );
  const ask =
    (name: keyof FileWork) =>
    (...given: readonly unknown[]) => {
      const id = ++calls;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        tell({ id, name, given }).catch(reject);
      });
    };
  return Object.fromEntries(NAMES.map((name) => [name, ask(name)])) as unknown as FileWork;
}
