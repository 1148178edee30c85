// Undo and redo, of changes to labels or of corrections of cells: buttons and the usual keys.

import { useLayoutEffect } from "preact/hooks";
import { undoable } from "../state/cell-edits.js";
import type { AppState } from "../state/types.js";
import { useApp, useAppState } from "./context.js";

/** What a page changes. */
type Changes = "labels" | "cells";

const ACTIONS = {
  labels: { undo: "undo", redo: "redo" },
  cells: { undo: "undo-cells", redo: "redo-cells" },
} as const;

function isPossible(state: AppState, of: Changes) {
  const { history, undone, cellsUndone, access } = state;
  if (of === "labels") return { undo: history.length > 0, redo: undone.length > 0 };
  const mayChange = access === "write";
  return {
    undo: mayChange && undoable(state) !== undefined,
    redo: mayChange && cellsUndone.length > 0,
  };
}

export function UndoButtons({ of = "labels" }: { readonly of?: Changes }) {
  const app = useApp();
  const { undo, redo } = isPossible(useAppState(), of);
  return (
    <>
      <button
        type="button"
        disabled={!undo}
        title="Ctrl Z"
        onClick={() => app.dispatch({ type: ACTIONS[of].undo })}
      >
        Undo
      </button>
      <button
        type="button"
        disabled={!redo}
        title="Ctrl Shift Z, Ctrl Y"
        onClick={() => app.dispatch({ type: ACTIONS[of].redo })}
      >
        Redo
      </button>
    </>
  );
}

/** Ctrl Z, Ctrl Shift Z and Ctrl Y; on a Mac with Cmd. */
export function useUndoKeys(of: Changes = "labels"): void {
  const app = useApp();
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // In a text field, the keys undo typing.
      if (event.target instanceof HTMLInputElement && event.target.type === "text") return;
      const way = undoOf(event);
      if (!way) return;
      app.dispatch({ type: ACTIONS[of][way] });
      event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [app, of]);
}

function undoOf(event: KeyboardEvent): "undo" | "redo" | undefined {
  if (event.altKey || !(event.ctrlKey || event.metaKey)) return undefined;
  const key = event.key.toLowerCase();
  if (key === "y" && !event.shiftKey) return "redo";
  if (key !== "z") return undefined;
  return event.shiftKey ? "redo" : "undo";
}
