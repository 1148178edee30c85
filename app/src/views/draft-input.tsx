// An input for text or a number. What is typed is a draft until Enter is pressed or the input loses focus:
// the app may render at any time, and would otherwise restore the former value.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface DraftInputProps {
  readonly type: "text" | "number";
  readonly value: string;
  readonly min?: number;
  readonly step?: number | "any";
  readonly disabled?: boolean;
  readonly title?: string;
  readonly placeholder?: string;
  readonly "aria-label"?: string;
  /** Whether it takes the focus when it appears, with all of its text selected. */
  readonly focuses?: boolean;
  /** Takes what was typed; if `value` does not change, the input shows it again. */
  onCommit(text: string): void;
  /** Editing has ended: by Enter or Escape, or because the focus moved elsewhere. */
  onLeave?(isByKey: boolean): void;
}

export function DraftInput({
  type,
  value,
  onCommit,
  onLeave,
  focuses,
  ...attributes
}: DraftInputProps) {
  const [draft, setDraft] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (focuses) input.current?.select();
  }, [focuses]);
  return (
    <input
      {...attributes}
      ref={input}
      type={type as "number"} // Preact's types are the same for both
      value={draft ?? value}
      onInput={({ currentTarget }) => setDraft(currentTarget.value)}
      onChange={({ currentTarget }) => {
        onCommit(currentTarget.value);
        setDraft(undefined);
      }}
      onBlur={() => {
        setDraft(undefined);
        onLeave?.(false);
      }}
      onKeyDown={({ key, currentTarget }) => {
        // What was typed is taken if the focus leaves by Enter, not if it leaves by Escape.
        if (key === "Escape") {
          currentTarget.value = value;
          setDraft(undefined);
        } else if (key !== "Enter" || !onLeave) return;
        if (onLeave) currentTarget.blur();
        onLeave?.(true);
      }}
    />
  );
}
