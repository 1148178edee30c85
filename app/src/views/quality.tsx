// Quality against speed: three presets, with the time that each takes on this computer.

import { PRESETS, type Preset, presetOf } from "../state/presets.js";
import { timeText } from "../state/words.js";
import { useApp, useAppState, useProject } from "./context.js";

export function QualityCard() {
  const { run } = useAppState();
  const { settings, training } = useProject();
  // The size of a trained network cannot change.
  if (training.last) return null;
  const current = presetOf(settings);
  const isBusy = run.kind === "running" || run.kind === "preparing" || run.kind === "stopping";
  return (
    <section class="card">
      <fieldset class="choices quality" disabled={isBusy}>
        <legend>Quality</legend>
        {PRESETS.map((preset) => (
          <PresetChoice key={preset.id} preset={preset} isChosen={preset === current} />
        ))}
      </fieldset>
      {current ? null : <p class="faint">Custom settings are used: see All settings.</p>}
    </section>
  );
}

interface ChoiceProps {
  readonly preset: Preset;
  readonly isChosen: boolean;
}

function PresetChoice({ preset, isChosen }: ChoiceProps) {
  const app = useApp();
  const { presetEstimates, speed } = useAppState();
  const { id, title, text, settings } = preset;
  const estimate = presetEstimates[id];
  const time = estimate && `about ${timeText(speed * estimate.ms)}`;
  return (
    <label class="choice">
      <input
        type="radio"
        name="quality"
        checked={isChosen}
        disabled={estimate?.problem !== undefined}
        onChange={() => app.dispatch({ type: "settings", changes: settings })}
      />
      <span>
        <strong>{title}</strong> <span class="faint">{text}</span>
      </span>
      <span class="faint time">{estimate?.problem ? "too large for this GPU" : time}</span>
    </label>
  );
}
