// The project's name, as a heading that can be changed.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useApp, useAppState } from "./context.js";
import { DraftInput } from "./draft-input.js";

export function ProjectName({ name }: { readonly name: string }) {
  const app = useApp();
  const { access } = useAppState();
  const [isRenaming, setRenaming] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const isLeftByKey = useRef(false);
  useLayoutEffect(() => {
    // Keyboard users continue where they were.
    if (!isRenaming && isLeftByKey.current) button.current?.focus();
    isLeftByKey.current = false;
  }, [isRenaming]);
  const rename = (text: string) => {
    if (text.trim() !== "") app.dispatch({ type: "rename", name: text.trim() });
  };
  return (
    <div class="project-name">
      <h1 class={isRenaming ? "unseen" : ""}>{name}</h1>
      {isRenaming ? (
        <DraftInput
          type="text"
          value={name}
          aria-label="Name of the project"
          focuses
          onCommit={rename}
          onLeave={(isByKey) => {
            isLeftByKey.current = isByKey;
            setRenaming(false);
          }}
        />
      ) : null}
      {!isRenaming && access === "write" ? (
        <button ref={button} type="button" class="small" onClick={() => setRenaming(true)}>
          Rename
        </button>
      ) : null}
    </div>
  );
}
