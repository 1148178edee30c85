// The Worker in which files are read and written.

import { joined, largeBuffers } from "../threads/large-messages.js";
import { type FileReply, type FileRequest, fromMessage } from "./messages.js";
import { fileWork } from "./work.js";

/** A Worker's global object, which the DOM's types lack. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(reply: FileReply, transfer: ArrayBuffer[]): void;
}

serve(globalThis as unknown as WorkerScope);

function serve(scope: WorkerScope): void {
  const running = new Map<number, AbortController>();
  const asked = new Map<number, (value: unknown) => void>();
  let questions = 0;
  /** Calls a function of the page that was passed to a call. */
  const callPage = (id: number, called: number, given: readonly unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const question = ++questions;
      asked.set(question, resolve);
      running.get(id)?.signal.addEventListener("abort", () => {
        asked.delete(question);
        reject(new Error("stopped"));
      });
      scope.postMessage({ id, called, question, given }, largeBuffers(given));
    });
  const receive = joined(async (request: FileRequest) => {
    if ("stopped" in request) {
      running.get(request.stopped)?.abort();
      return;
    }
    if ("answered" in request) {
      asked.get(request.answered)?.(request.value);
      asked.delete(request.answered);
      return;
    }
    const { id, name } = request;
    const controller = new AbortController();
    running.set(id, controller);
    const given = fromMessage(request.given, controller.signal, (called, given) =>
      callPage(id, called, given),
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
}
