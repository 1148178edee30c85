// The network's and the run's numbers, for who wants other ones than the defaults.

import { nearestInputs } from "../../../src/index.js";
import type { Settings } from "../state/types.js";
import { useApp, useAppState, useProject } from "./context.js";

interface Field {
  readonly key: keyof Settings;
  readonly label: string;
  readonly min: number;
  readonly step: number | "any";
  /** Whether another value needs another network, and what was learnt is of no use. */
  readonly ofNetwork?: boolean;
}

const FIELDS: readonly Field[] = [
  { key: "base", label: "Width of the first level", min: 1, step: 1, ofNetwork: true },
  { key: "depth", label: "Poolings", min: 1, step: 1, ofNetwork: true },
  { key: "tile", label: "Tile in pixels", min: 1, step: 1 },
  { key: "batch", label: "Tiles a step", min: 1, step: 1 },
  { key: "steps", label: "Steps", min: 1, step: 1 },
  { key: "learningRate", label: "Learning rate", min: 0, step: "any" },
  { key: "validateEvery", label: "Steps between checks", min: 1, step: 1 },
  { key: "seed", label: "Seed", min: 0, step: 1 },
];

export function SettingsForm() {
  const app = useApp();
  const { run } = useAppState();
  const { settings, training } = useProject();
  const isBusy = run.kind === "running" || run.kind === "preparing" || run.kind === "stopping";
  const change = (field: Field, value: number) => {
    if (!Number.isFinite(value) || value < field.min) return;
    const next = { ...settings, [field.key]: value };
    app.dispatch({ type: "settings", changes: { [field.key]: value, tile: validTile(next) } });
  };
  return (
    <details class="card settings">
      <summary>Network and training</summary>
      <div class="fields">
        {FIELDS.map((field) => (
          <label key={field.key}>
            <span>{field.label}</span>
            <input
              type="number"
              min={field.min}
              step={field.step}
              value={String(settings[field.key])}
              disabled={isBusy || (field.ofNetwork && training.last !== undefined)}
              onChange={({ currentTarget }) => change(field, currentTarget.valueAsNumber)}
            />
          </label>
        ))}
      </div>
      {training.last ? (
        <button
          type="button"
          disabled={isBusy}
          onClick={() => app.dispatch({ type: "forget-training" })}
        >
          Begin afresh
        </button>
      ) : null}
    </details>
  );
}

/** The tile, or the nearest above that a network of this depth takes. */
export function validTile({ tile, depth }: Pick<Settings, "tile" | "depth">): number {
  const { below, above } = nearestInputs(tile + 1, depth);
  return below === tile ? tile : above;
}
