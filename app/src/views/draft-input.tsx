// An input for text or a number. What is typed is a draft until Enter is pressed or the input is left:
// the app may be drawn again at any time meanwhile, and would put the former value in its place.

import { useState } from "preact/hooks";

interface DraftInputProps {
  readonly type: "text" | "number";
  readonly value: string;
  readonly min?: number;
  readonly step?: number | "any";
  readonly disabled?: boolean;
  readonly title?: string;
  readonly "aria-label"?: string;
  /** Takes what was typed; where `value` stays as it is, the input shows it again. */
  onCommit(text: string): void;
}

export function DraftInput({ type, value, onCommit, ...attributes }: DraftInputProps) {
  const [draft, setDraft] = useState<string>();
  return (
    <input
      {...attributes}
      type={type as "number"} // what Preact's types tell of one, they tell of the other
      value={draft ?? value}
      onInput={({ currentTarget }) => setDraft(currentTarget.value)}
      onChange={({ currentTarget }) => {
        onCommit(currentTarget.value);
        setDraft(undefined);
      }}
      onBlur={() => setDraft(undefined)}
      onKeyDown={({ key }) => {
        if (key === "Escape") setDraft(undefined);
      }}
    />
  );
}
