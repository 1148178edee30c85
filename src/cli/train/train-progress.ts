// The events of training as lines and a bar.

import type { TrainingConfig, TrainingEvent } from "../../train/training-types.js";
import { duration, grouped, percent, short } from "../format.js";
import type { Progress } from "../progress-bar.js";

/** A listener that shows a run of that configuration. */
export function showTraining(
  progress: Progress,
  { steps }: TrainingConfig,
): (event: TrainingEvent) => void {
  return (event) => {
    if (event.type === "start") {
      const megabytes = short(event.planBytes / 2 ** 20);
      progress.line(
        `${grouped(event.parameterCount)} parameters, ${event.pipelines} pipelines, ` +
          `${megabytes} MiB on the GPU, ready in ${(event.readyMs / 1000).toFixed(1)} s`,
      );
      progress.update(event.step, steps, `step ${event.step}/${steps}`);
    }
    if (event.type === "progress") progress.update(event.step, steps, progressText(event));
    if (event.type === "validation") {
      const mark = event.best ? "  (best so far)" : "";
      progress.line(
        `step ${event.step}: held-out images: loss ${short(event.loss)}, ` +
          `wrong pixels ${percent(event.wrongPixels)}${mark}`,
      );
    }
  };
}

function progressText(event: TrainingEvent & { type: "progress" }): string {
  return [
    `step ${event.step}/${event.steps}`,
    `loss ${short(event.loss)}`,
    `${short(event.imagesPerSecond)} images/s`,
    `${duration(event.remainingMs)} left`,
  ].join("  ");
}
