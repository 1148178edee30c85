// Predictions that a person asks for.

import type { Engine } from "../engine/client.js";
import type { PredictJob } from "../engine/messages.js";
import type { Store } from "../state/store.js";
import type { AppState } from "../state/types.js";
import { messageOf } from "./app.js";

export interface Segmentation {
  /** Predicts images of the project with the best checkpoint, one after the other. */
  segment(names: readonly string[]): Promise<void>;
}

export function createSegmentation({ state, dispatch }: Store, engine: Engine): Segmentation {
  return {
    async segment(names) {
      try {
        for (const name of names) {
          const job = predictJob(state.peek(), name);
          if (!job) continue;
          const progress = (done: number, total: number) =>
            dispatch({ type: "segmenting", progress: { name, done, total } });
          progress(0, 1);
          const { prediction, step } = await engine.predict(job, progress);
          dispatch({ type: "prediction", name, prediction: { ...prediction, step } });
        }
      } catch (error) {
        dispatch({ type: "notice", kind: "error", text: messageOf(error) });
      } finally {
        dispatch({ type: "segmenting", progress: undefined });
      }
    },
  };
}

function predictJob({ project }: AppState, name: string): PredictJob | undefined {
  const image = project?.images.find((one) => one.name === name);
  const checkpoint = project?.training.best ?? project?.training.last;
  return image && checkpoint && { name, raw: image.raw, checkpoint: checkpoint.bytes };
}
