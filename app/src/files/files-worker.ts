// The Worker in which files are read and made.

import type { FileReply, FileRequest } from "./messages.js";
import { fileWork } from "./work.js";

/** What a Worker's global object has, of which the DOM's types know nothing. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<FileRequest>) => void) | null;
  postMessage(reply: FileReply): void;
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = async ({ data: { id, name, given } }) => {
  try {
    const work = fileWork[name] as (...given: readonly unknown[]) => Promise<unknown>;
    scope.postMessage({ id, answer: await work(...given) });
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};
