// Estimates the next run: asks the engine whenever the settings change.

import type { Engine } from "../engine/client.js";
import { MOST_CHECKED, spread } from "../engine/held-out.js";
import type { Estimate } from "../engine/messages.js";
import { isImported } from "../networks/decode-network.js";
import { networkInUse } from "../state/network.js";
import { labelled, runConfig } from "../state/project.js";
import type { Project } from "../state/project-types.js";
import { narrower, remedyOf } from "../state/remedies.js";
import type { Store } from "../state/store.js";
import type { AppState, RunEstimate } from "../state/types.js";
import { bytesText } from "../state/words.js";
import { messageOf } from "./message-of.js";

/** Waits this long, since a number changes with each key that is typed; milliseconds. */
const WAIT_MS = 250;
/** If a run takes longer, a faster setting is proposed; milliseconds. */
const LONG_MS = 30 * 60_000;

export function keepEstimating({ state, dispatch }: Store, engine: Engine): void {
  let pending: string | undefined;
  let answered: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = async () => {
    const { project } = state.peek();
    if (!project) return;
    const key = keyOf(state.peek());
    let estimate: RunEstimate;
    try {
      const network = networkInUse(project.training)?.checkpoint.bytes;
      if (network && isImported(network)) {
        estimate = { bytes: 0, ms: 0, stepMs: 0, isUnknown: true };
      } else {
        const { model, training } = runConfig(project);
        const measured = await engine.measure(model, training);
        estimate = judged(measured, project, state.peek().speed);
      }
    } catch (error) {
      estimate = { bytes: 0, ms: 0, stepMs: 0, problem: messageOf(error) };
    }
    if (pending === key) pending = undefined;
    if (keyOf(state.peek()) !== key) return;
    answered = key;
    dispatch({ type: "estimate", estimate });
  };
  state.subscribe((now) => {
    const speed = speedOf(now);
    if (speed !== undefined) dispatch({ type: "speed", speed });
    const isBusy = now.run.kind === "running" || now.run.kind === "preparing";
    if (isBusy || now.device.kind !== "ready") return;
    const key = keyOf(now);
    // A project that is opened again has lost its estimate.
    if (key === undefined || key === pending || (key === answered && now.estimate)) return;
    pending = key;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
    // An estimate for former settings must not be shown for these.
    if (now.estimate) dispatch({ type: "estimate", estimate: undefined });
  });
}

/** The factor between the measured and the estimated time of a step; undefined if nothing new is known. */
function speedOf({ run, estimate, speed }: AppState): number | undefined {
  if (run.kind !== "running" || run.stepsPerSecond <= 0 || !estimate?.stepMs) return undefined;
  const found = 1000 / run.stepsPerSecond / estimate.stepMs;
  return Math.abs(found / speed - 1) > 0.1 ? found : undefined;
}

/** Everything that the estimate depends on; undefined if there is nothing to estimate. */
function keyOf({ project }: AppState): string | undefined {
  if (!project || project.images.length === 0) return undefined;
  const { settings, classes, images, id, keepsPatches, training } = project;
  const networkName = networkInUse(training)?.checkpoint.fileName;
  const held = images.filter(({ role }) => role === "validation").length;
  const { channels } = images[0].raw;
  return JSON.stringify([id, settings, classes.length, channels, held, keepsPatches, networkName]);
}

/** The estimate for a run of the project, with a proposal if memory or time is short. */
export function judged(measured: Estimate, project: Project, speed = 1): RunEstimate {
  const { bytes, largestBytes, bindingLimit, stepMs, refusal } = measured;
  const ms = runMs(measured, project);
  if (!refusal) {
    const remedy = speed * ms > LONG_MS ? narrower(project.settings) : undefined;
    return { bytes, ms, stepMs, remedy };
  }
  return {
    bytes,
    ms,
    stepMs,
    problem:
      largestBytes > bindingLimit
        ? `This network and tile size need a GPU buffer of ${bytesText(largestBytes)}, ` +
          `but the GPU allows at most ${bytesText(bindingLimit)}.`
        : `Too large for this GPU: ${refusal.message}.`,
    remedy: remedyOf(refusal.proposals),
  };
}

/** The steps and the validations between them: a prediction costs a third of a step per pixel. */
function runMs({ stepMs, outputPixels }: Estimate, project: Project): number {
  const { steps, batch, validateEvery } = project.settings;
  const held = labelled(project, "validation");
  const isByPatches = held.length === 0 && project.keepsPatches !== false;
  const checked = isByPatches ? spread(labelled(project, "training"), MOST_CHECKED) : held;
  const pixels = checked.reduce((sum, { raw }) => sum + raw.width * raw.height, 0);
  const checkMs = (stepMs * pixels) / (3 * outputPixels * batch);
  return steps * stepMs + Math.ceil(steps / validateEvery) * checkMs;
}
