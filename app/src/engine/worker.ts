// The Worker in which the engine runs, so that the page's thread stays free.

import { joined, largeBuffers } from "../threads/large-messages.js";
import type { Reply, Request } from "./messages.js";
import { createSession } from "./session.js";

/** A Worker's global object, which the DOM's types lack. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const answer = createSession((reply) => scope.postMessage(reply, largeBuffers(reply)));
const receive = joined<Request>(answer);
scope.onmessage = ({ data }) => receive(data);
