// The side of the Worker whose functions the page calls.

import { type CallReply, type CallRequest, fromMessage } from "./call-messages.js";
import { joined, largeBuffers } from "./large-messages.js";

/** A Worker's global object, which the DOM's types lack. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(reply: CallReply, transfer: ArrayBuffer[]): void;
}

type Called = (...given: readonly unknown[]) => Promise<unknown>;

/** Runs the functions that the page calls by name (`callWorker`). */
export function serveCalls(work: object): void {
  const scope = globalThis as unknown as WorkerScope;
  const functions = work as Readonly<Record<string, Called>>;
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
  const receive = joined(async (request: CallRequest) => {
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
      const answer = await functions[name](...given);
      scope.postMessage({ id, answer }, largeBuffers(answer));
    } catch (error) {
      scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) }, []);
    } finally {
      running.delete(id);
    }
  });
  scope.onmessage = ({ data }) => receive(data);
}
