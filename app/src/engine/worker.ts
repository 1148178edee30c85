// The Worker in which the engine runs, so that the page's thread stays free.

import { joined, largeBuffers } from "../threads/large-messages.js";
import type { Reply, Request } from "./messages.js";
import { createSession } from "./session.js";

/** What a Worker's global object has, of which the DOM's types know nothing. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const answer = createSession((reply) => scope.postMessage(reply, largeBuffers(reply)));
const receive = joined<Request>(answer);
scope.onmessage = ({ data }) => receive(data);
