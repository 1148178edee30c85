// The events of training as lines and a bar.

import type {
  TrainingConfig,
  TrainingEvent,
  ValidationFigures,
} from "../../train/training-types.js";
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
    if (event.type === "health") {
      for (const warning of event.warnings) progress.line(`step ${event.step}: ${warning}.`);
    }
    if (event.type === "lost") {
      progress.line(
        `${event.message}. It is opened again (${event.adapter}), and the run goes on after step ${event.step}.`,
      );
    }
    if (event.type === "progress") progress.update(event.step, steps, progressText(event));
    if (event.type === "validation") {
      const mark = event.best ? "  (best so far)" : "";
      progress.line(
        `step ${event.step}: held-out images: loss ${short(event.loss)}, ` +
          `wrong pixels ${percent(event.wrongPixels)}${cellText(event)}${mark}`,
      );
    }
  };
}

/** ", AP50 0.93, 2.1 % too many cells" of a run on single cells. */
export function cellText({ ap50, countError = Number.NaN }: ValidationFigures): string {
  if (ap50 === undefined) return "";
  const side = countError < 0 ? "few" : "many";
  const count = Number.isNaN(countError)
    ? ""
    : `, ${percent(Math.abs(countError))} too ${side} cells`;
  return `, AP50 ${short(ap50)}${count}`;
}

function progressText(event: TrainingEvent & { type: "progress" }): string {
  return [
    `step ${event.step}/${event.steps}`,
    `loss ${short(event.loss)}`,
    `${short(event.imagesPerSecond)} images/s`,
    `${duration(event.remainingMs)} left`,
  ].join("  ");
}
