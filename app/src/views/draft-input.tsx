// An input for text or a number. What is typed is a draft until Enter is pressed or the input is left:
// the app may be drawn again at any time meanwhile, and would put the former value in its place.

import { useEffect, useRef, useState } from "preact/hooks";

interface DraftInputProps {
  readonly type: "text" | "number";
  readonly value: string;
  readonly min?: number;
  readonly step?: number | "any";
  readonly disabled?: boolean;
  readonly title?: string;
  readonly "aria-label"?: string;
  /** Whether it takes the focus when it comes, with all of its text chosen. */
  readonly focuses?: boolean;
  /** Takes what was typed; where `value` stays as it is, the input shows it again. */
  onCommit(text: string): void;
  /** The input is done with: by Enter or Escape, or because the focus went elsewhere. */
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
  useEffect(() => {
    if (focuses) input.current?.select();
  }, [focuses]);
  return (
    <input
      {...attributes}
      ref={input}
      type={type as "number"} // what Preact's types tell of one, they tell of the other
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
        // What is typed counts where the focus goes by Enter, and not where it goes by Escape.
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
