// Estimates the presets: asks the engine while the user can choose among them.

import type { Engine } from "../engine/client.js";
import { PRESETS } from "../state/presets.js";
import { runConfig } from "../state/project.js";
import type { Project } from "../state/project-types.js";
import type { Store } from "../state/store.js";
import type { AppState, RunEstimate } from "../state/types.js";
import { judged } from "./estimating.js";

export function keepPresetEstimates({ state, dispatch }: Store, engine: Engine): void {
  let asked: string | undefined;
  const ask = async (project: Project, key: string) => {
    const estimates: Record<string, RunEstimate> = {};
    for (const { id, settings } of PRESETS) {
      const preset = { ...project, settings: { ...project.settings, ...settings } };
      try {
        const { model, training } = runConfig(preset);
        estimates[id] = judged(await engine.measure(model, training), preset);
      } catch {
        // The run's own estimate shows the problem.
      }
      if (keyOf(state.peek()) !== key) return;
      dispatch({ type: "preset-estimates", estimates: { ...estimates } });
    }
  };
  state.subscribe((now) => {
    const key = keyOf(now);
    if (key === asked || !key || !now.project) return;
    asked = key;
    void ask(now.project, key);
  });
}

/** Everything that the estimates depend on; undefined if they are not shown. */
function keyOf({ page, device, run, project }: AppState): string | undefined {
  const isOpen = page === "train" && device.kind === "ready" && run.kind === "idle";
  if (!isOpen || !project || project.images.length === 0) return undefined;
  const { id, classes, images, settings } = project;
  const held = images.filter(({ role }) => role === "validation").length;
  const { batch, precision } = settings;
  return JSON.stringify([id, classes.length, images[0].raw.channels, held, batch, precision]);
}
