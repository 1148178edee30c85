// All settings of network and run, for those who want other values than the defaults.

import { useState } from "preact/hooks";
import { expected, isAllowed, unetFault } from "../../../src/index.js";
import type { App } from "../commands/app.js";
import { trainCommand } from "../outputs/command.js";
import { hasNetwork } from "../state/project.js";
import {
  isOfNetwork,
  isOfVariant,
  type Settings,
  SHOWN_OPTIONS,
  type ShownOption,
} from "../state/settings.js";
import { validTile } from "../state/tiles.js";
import { isVaried, VARIATIONS, varied } from "../state/variations.js";
import { countText } from "../state/words.js";
import { CommandLines } from "./command-lines.js";
import { useApp, useAppState, useProject } from "./context.js";
import { type Control, controlOf, OptionInput } from "./option-input.js";

export function SettingsForm() {
  const app = useApp();
  const { run } = useAppState();
  const project = useProject();
  const { settings, training, startFrom } = project;
  const isBusy = run.kind === "running" || run.kind === "preparing" || run.kind === "stopping";
  const isTrained = training.last !== undefined;
  /** Why the last change was not made. */
  const [refused, setRefused] = useState<string>();
  const set = (changes: Partial<Settings>) => app.dispatch({ type: "settings", changes });
  const change = ({ key, row }: ShownOption, value: Settings[ShownOption["key"]]) => {
    if (!isAllowed(row, value)) {
      setRefused(`${row.label}: expected ${expected(row)}.`);
      return;
    }
    const next = { ...settings, [key]: value };
    const fault = unetFault(next);
    setRefused(fault && `${row.label} was not changed: ${fault}.`);
    if (!fault) set({ [key]: value, tile: validTile(next) });
  };
  /** Trained weights fit only a network of their sizes. */
  const isGiven = ({ key, row }: ShownOption) =>
    isTrained ? row.isFixed === true : startFrom !== undefined && isOfNetwork(key);
  const inputs = (control: Control, isVariant = false) =>
    SHOWN_OPTIONS.filter(
      (option) => controlOf(option) === control && isOfVariant(option.key) === isVariant,
    ).map((option) => (
      <OptionInput
        key={option.key}
        option={option}
        value={settings[option.key]}
        disabled={isBusy || isGiven(option)}
        onChange={(value) => change(option, value)}
      />
    ));
  return (
    <details class="card settings">
      <summary>All settings</summary>
      <p class="faint">
        Each step trains on tiles cut from the images. More channels and more depth take longer.
      </p>
      <div class="fields">
        {inputs("field")}
        {inputs("list")}
      </div>
      <VariationChoices isBusy={isBusy} />
      {inputs("box")}
      <details class="variants">
        <summary>Variants of the U-Net</summary>
        <p class="faint">
          The U-Net is the paper's unless you change it. Instance and group norms take their
          statistics from a tile.
        </p>
        <div class="fields">
          {inputs("list", true)}
          {inputs("field", true)}
        </div>
        {inputs("box", true)}
      </details>
      {refused ? (
        <p class="problem" role="alert">
          {refused}
        </p>
      ) : null}
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

/** Asks first, since it cannot be undone. */
async function resetNetwork({ state, ask, dispatch }: App): Promise<void> {
  const { best, last } = state.peek().project?.training ?? {};
  const answer = await ask({
    title: "Reset the network?",
    text:
      `What it learned in ${countText((last ?? best)?.step ?? 0, "step")} is deleted, with its ` +
      "curves. Images and labels are kept. Download the network first if you may need it again.",
    answers: [{ id: "reset", label: "Reset the network", deletes: true }],
    cancel: "Keep the network",
  });
  if (answer === "reset") dispatch({ type: "forget-training" });
}

/** Augmentation of the training tiles. */
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
