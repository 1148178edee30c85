// One option in the form: a number as a field, choices as a list, one of two as a checkbox.

import type { ShownOption } from "../state/settings.js";
import { DraftInput } from "./draft-input.js";

type Value = number | string | boolean;

const numberOf = (text: string) => (text === "" ? Number.NaN : Number(text));

export type Control = "field" | "list" | "box";

export function controlOf({ row }: ShownOption): Control {
  if (row.choiceLabels) return "list";
  return row.choices || typeof row.default === "boolean" ? "box" : "field";
}

export function OptionInput<Of extends Value>({
  option,
  value,
  disabled,
  onChange,
}: {
  readonly option: ShownOption;
  readonly value: Of;
  readonly disabled: boolean;
  /** Called with what was entered, whether or not the option's rule allows it. */
  readonly onChange: (value: Of) => void;
}) {
  const { row } = option;
  const change = (entered: Value) => onChange(entered as Of);
  const control = controlOf(option);
  if (control === "box") {
    const [off, on] = row.choices ?? [false, true];
    return (
      <label class="choice">
        <input
          type="checkbox"
          checked={value === on}
          disabled={disabled}
          onChange={({ currentTarget }) => change(currentTarget.checked ? on : off)}
        />
        {row.label}
      </label>
    );
  }
  if (control === "list") {
    return (
      <label class="wide">
        <span>{row.label}</span>
        <select
          value={String(value)}
          disabled={disabled}
          onChange={({ currentTarget }) => change(currentTarget.value)}
        >
          {Object.entries(row.choiceLabels ?? {}).map(([choice, label]) => (
            <option key={choice} value={choice}>
              {label}
            </option>
          ))}
        </select>
      </label>
    );
  }
  const isText = typeof row.default === "string";
  return (
    <label class={isText ? "wide" : undefined}>
      <span>{row.label}</span>
      <DraftInput
        {...(isText
          ? { type: "text", placeholder: row.usual }
          : { type: "number", min: row.least ?? row.above ?? 0, step: row.whole ? 1 : "any" })}
        value={String(value)}
        disabled={disabled}
        onCommit={(text) => change(isText ? text.replaceAll(" ", "") : numberOf(text))}
      />
    </label>
  );
}
