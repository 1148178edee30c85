// Predictions that the user requests.

import type { Engine } from "../engine/client.js";
import type { PredictJob } from "../engine/messages.js";
import { networkInUse } from "../state/network.js";
import type { Project, StoredCheckpoint } from "../state/project-types.js";
import type { Store } from "../state/store.js";
import { messageOf } from "./message-of.js";

export interface Segmentation {
  /** Predicts images of the project with the network in use, one after the other. */
  segment(names: readonly string[]): Promise<void>;
  /** Cancels that; finished predictions are kept. */
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
          const { project } = state.peek();
          const checkpoint = project && networkInUse(project.training)?.checkpoint;
          const job = checkpoint && predictJob(project, checkpoint, name);
          if (!job) continue;
          const run = checkpoint.run?.id;
          const progress = (done: number, total: number) =>
            dispatch({ type: "segmenting", progress: { name, image, images, done, total } });
          progress(0, 1);
          const { prediction, step } = await engine.predict(job, progress, signal);
          dispatch({ type: "prediction", name, prediction: { ...prediction, step, run } });
        }
      } catch (error) {
        if (signal.aborted) return;
        const text = messageOf(error);
        dispatch({ type: "notice", kind: "error", topic: "segmenting", text });
      } finally {
        dispatch({ type: "segmenting", progress: undefined });
      }
    },
    stopSegmenting: () => stopping?.abort(),
  };
}

function predictJob(
  { images }: Project,
  { bytes: checkpoint }: StoredCheckpoint,
  name: string,
): PredictJob | undefined {
  const image = images.find((one) => one.name === name);
  return image && { name, raw: image.raw, checkpoint };
}
