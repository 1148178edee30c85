// The Worker in which files are read and made.

import { joined, largeBuffers } from "../threads/large-messages.js";
import { type FileReply, type FileRequest, fromMessage } from "./messages.js";
import { fileWork } from "./work.js";

/** What a Worker's global object has, of which the DOM's types know nothing. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(reply: FileReply, transfer: ArrayBuffer[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const running = new Map<number, AbortController>();
const receive = joined(async (request: FileRequest) => {
  if ("stopped" in request) {
    running.get(request.stopped)?.abort();
    return;
  }
  const { id, name } = request;
  const controller = new AbortController();
  running.set(id, controller);
  const given = fromMessage(request.given, controller.signal, (told, given) =>
    scope.postMessage({ id, told, given }, []),
  );
  try {
    const work = fileWork[name] as (...given: readonly unknown[]) => Promise<unknown>;
    const answer = await work(...given);
    scope.postMessage({ id, answer }, largeBuffers(answer));
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) }, []);
  } finally {
    running.delete(id);
  }
});
scope.onmessage = ({ data }) => receive(data);
