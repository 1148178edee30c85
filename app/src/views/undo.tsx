// Undo and redo of changes to labels: buttons and the usual keys.

import { useEffect } from "preact/hooks";
import { useApp, useAppState } from "./context.js";

export function UndoButtons() {
  const app = useApp();
  const { history, undone } = useAppState();
  return (
    <>
      <button
        type="button"
        disabled={history.length === 0}
        title="Ctrl Z"
        onClick={() => app.dispatch({ type: "undo" })}
      >
        Undo
      </button>
      <button
        type="button"
        disabled={undone.length === 0}
        title="Ctrl Shift Z, Ctrl Y"
        onClick={() => app.dispatch({ type: "redo" })}
      >
        Redo
      </button>
    </>
  );
}

/** Ctrl Z, Ctrl Shift Z and Ctrl Y; on a Mac with Cmd. */
export function useUndoKeys(): void {
  const app = useApp();
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // In a text field, the keys undo typing.
      if (event.target instanceof HTMLInputElement && event.target.type === "text") return;
      const type = undoOf(event);
      if (!type) return;
      app.dispatch({ type });
      event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [app]);
}

function undoOf(event: KeyboardEvent): "undo" | "redo" | undefined {
  if (event.altKey || !(event.ctrlKey || event.metaKey)) return undefined;
  const key = event.key.toLowerCase();
  if (key === "y" && !event.shiftKey) return "redo";
  if (key !== "z") return undefined;
  return event.shiftKey ? "redo" : "undo";
}
