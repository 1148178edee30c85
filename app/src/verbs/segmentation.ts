// Predictions that a person asks for.

import type { Engine } from "../engine/client.js";
import type { PredictJob } from "../engine/messages.js";
import type { Store } from "../state/store.js";
import type { AppState } from "../state/types.js";
import { messageOf } from "./app.js";

export interface Segmentation {
  /** Predicts images of the project with the best checkpoint, one after the other. */
  segment(names: readonly string[]): Promise<void>;
  /** Ends that; what was predicted until then stays. */
  stopSegmenting(): void;
}

export function createSegmentation({ state, dispatch }: Store, engine: Engine): Segmentation {
  let stopping: AbortController | undefined;
  return {
    async segment(names) {
      stopping = new AbortController();
      const { signal } = stopping;
      const images = names.length;
      try {
        for (const [image, name] of names.entries()) {
          const job = predictJob(state.peek(), name);
          if (!job) continue;
          const progress = (done: number, total: number) =>
            dispatch({ type: "segmenting", progress: { name, image, images, done, total } });
          progress(0, 1);
          const { prediction, step } = await engine.predict(job, progress, signal);
          dispatch({ type: "prediction", name, prediction: { ...prediction, step } });
        }
      } catch (error) {
        if (!signal.aborted) dispatch({ type: "notice", kind: "error", text: messageOf(error) });
      } finally {
        dispatch({ type: "segmenting", progress: undefined });
      }
    },
    stopSegmenting: () => stopping?.abort(),
  };
}

function predictJob({ project }: AppState, name: string): PredictJob | undefined {
  const image = project?.images.find((one) => one.name === name);
  const checkpoint = project?.training.best ?? project?.training.last;
  return image && checkpoint && { name, raw: image.raw, checkpoint: checkpoint.bytes };
}
