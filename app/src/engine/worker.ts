// The Worker in which the engine runs, so that the page's thread stays free.

import type { Reply, Request } from "./messages.js";
import { createSession } from "./session.js";

/** What a Worker's global object has, of which the DOM's types know nothing. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply): void;
}

const scope = globalThis as unknown as WorkerScope;
const answer = createSession((reply) => scope.postMessage(reply));
scope.onmessage = ({ data }) => answer(data);
