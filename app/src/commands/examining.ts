// The examination of the GPU that the user asks for.

import type { Engine } from "../engine/client.js";
import type { Store } from "../state/store.js";
import { messageOf } from "./message-of.js";

export interface Examining {
  /** Compares the GPU's kernels with references, and shows the result with the GPU. */
  examine(): Promise<void>;
}

export function createExamining({ dispatch }: Store, engine: Engine): Examining {
  return {
    async examine() {
      const progress = (done: number, total: number) =>
        dispatch({ type: "doctor", status: { kind: "running", done, total } });
      progress(0, 1);
      try {
        const examination = await engine.examine(progress);
        dispatch({ type: "doctor", status: { kind: "done", examination } });
      } catch (error) {
        dispatch({ type: "doctor", status: undefined });
        dispatch({ type: "notice", kind: "error", text: messageOf(error) });
      }
    },
  };
}
