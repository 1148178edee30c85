// The network's and the run's numbers, for those who want other ones than the defaults.

import { nearestInputs } from "../../../src/index.js";
import type { App } from "../commands/app.js";
import { trainCommand } from "../outputs/command.js";
import { hasNetwork } from "../state/project.js";
import type { Settings } from "../state/project-types.js";
import { isVaried, VARIATIONS, varied } from "../state/variations.js";
import { countText } from "../state/words.js";
import { CommandLines } from "./command-lines.js";
import { useApp, useAppState, useProject } from "./context.js";
import { DraftInput } from "./draft-input.js";

interface Field {
  readonly key:
    | "base"
    | "depth"
    | "tile"
    | "batch"
    | "steps"
    | "learningRate"
    | "validateEvery"
    | "seed";
  readonly label: string;
  readonly min: number;
  readonly step: number | "any";
  /** Whether another value needs another network, and what was learnt is of no use. */
  readonly ofNetwork?: boolean;
}

const FIELDS: readonly Field[] = [
  { key: "base", label: "Channels in first layer", min: 1, step: 1, ofNetwork: true },
  { key: "depth", label: "Depth", min: 1, step: 1, ofNetwork: true },
  { key: "tile", label: "Tile size (px)", min: 1, step: 1 },
  { key: "batch", label: "Batch size", min: 1, step: 1 },
  { key: "steps", label: "Steps", min: 1, step: 1 },
  { key: "learningRate", label: "Learning rate", min: 0, step: "any" },
  { key: "validateEvery", label: "Steps between validations", min: 1, step: 1 },
  { key: "seed", label: "Random seed", min: 0, step: 1 },
];

/** "step" has numbers of its own: it is for the command line. */
const SCHEDULES: readonly { readonly schedule: Settings["schedule"]; readonly label: string }[] = [
  { schedule: "constant", label: "Constant" },
  { schedule: "cosine", label: "Cosine decay" },
];

export function SettingsForm() {
  const app = useApp();
  const { run } = useAppState();
  const project = useProject();
  const { settings, training } = project;
  const isBusy = run.kind === "running" || run.kind === "preparing" || run.kind === "stopping";
  const isTrained = training.last !== undefined;
  const set = (changes: Partial<Settings>) => app.dispatch({ type: "settings", changes });
  const change = (field: Field, value: number) => {
    if (!Number.isFinite(value) || value < field.min) return;
    const next = { ...settings, [field.key]: value };
    set({ [field.key]: value, tile: validTile(next) });
  };
  return (
    <details class="card settings">
      <summary>All settings</summary>
      <p class="faint">
        Each step learns from tiles cut out of the images. More channels and more depth take longer.
      </p>
      <div class="fields">
        {FIELDS.map((field) => (
          <label key={field.key}>
            <span>{field.label}</span>
            <DraftInput
              type="number"
              min={field.min}
              step={field.step}
              value={String(settings[field.key])}
              disabled={isBusy || (field.ofNetwork && isTrained)}
              onCommit={(text) => change(field, text === "" ? Number.NaN : Number(text))}
            />
          </label>
        ))}
        <label class="wide">
          <span>Learning rate schedule</span>
          <select
            value={settings.schedule}
            disabled={isBusy}
            onChange={({ currentTarget }) =>
              set({ schedule: currentTarget.value as Settings["schedule"] })
            }
          >
            {SCHEDULES.map(({ schedule, label }) => (
              <option key={schedule} value={schedule}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <VariationChoices isBusy={isBusy} />
      <label class="choice">
        <input
          type="checkbox"
          checked={settings.precision === "f16"}
          disabled={isBusy || isTrained}
          onChange={({ currentTarget }) =>
            set({ precision: currentTarget.checked ? "f16" : "f32" })
          }
        />
        16-bit floats: less memory, slower
      </label>
      {hasNetwork(project) ? (
        <button type="button" disabled={isBusy} onClick={() => resetNetwork(app)}>
          Reset the network
        </button>
      ) : null}
      <p class="faint">On the command line:</p>
      <CommandLines lines={[trainCommand(project)]} />
    </details>
  );
}

/** Asks first: what was learned cannot be brought back. */
async function resetNetwork({ state, ask, dispatch }: App): Promise<void> {
  const { best, last } = state.peek().project?.training ?? {};
  const answer = await ask({
    title: "Reset the network?",
    text:
      `What it learned in ${countText((last ?? best)?.step ?? 0, "step")} is deleted, with its ` +
      "curves. Images and labels stay. Download the network first if you may want it back.",
    answers: [{ id: "reset", label: "Reset the network", deletes: true }],
    cancel: "Keep the network",
  });
  if (answer === "reset") dispatch({ type: "forget-training" });
}

/** How the training tiles are varied. */
function VariationChoices({ isBusy }: { readonly isBusy: boolean }) {
  const app = useApp();
  const { augmentation } = useProject().settings;
  return (
    <fieldset class="choices" disabled={isBusy}>
      <legend>Augmentation</legend>
      {VARIATIONS.map((variation) => (
        <label key={variation.label} class="choice">
          <input
            type="checkbox"
            checked={isVaried(augmentation, variation)}
            onChange={({ currentTarget }) => {
              const next = varied(augmentation, variation, currentTarget.checked);
              app.dispatch({ type: "settings", changes: { augmentation: next } });
            }}
          />
          {variation.label}
        </label>
      ))}
    </fieldset>
  );
}

/** The tile, or the nearest above that a network of this depth takes. */
export function validTile({ tile, depth }: Pick<Settings, "tile" | "depth">): number {
  const { below, above } = nearestInputs(tile + 1, depth);
  return below === tile ? tile : above;
}
