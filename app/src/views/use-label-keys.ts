// The keys of the label page.

import { useLayoutEffect } from "preact/hooks";
import type { App } from "../commands/app.js";
import { neighbour } from "../state/project.js";
import { useApp } from "./context.js";

export const LARGEST_RADIUS = 64;

export function useLabelKeys(): void {
  const app = useApp();
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!app.state.peek().singleKeys || takesLetters(event.target)) return;
      if (!actOn(event, app)) return;
      event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [app]);
}

/** Fields and lists use letters themselves: a list jumps to the entry that begins with one. */
export const takesLetters = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest("select, textarea, dialog, input:not([type=range], [type=checkbox])") !== null;

/** Performs the shortcut; false if the key is none. */
function actOn(event: KeyboardEvent, { state, dispatch }: App): boolean {
  const { brush, project, view } = state.peek();
  if (!project) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const key = event.key.toLowerCase();
  const index = Number(key) - 1;
  if (index >= 0 && index < project.classes.length) {
    const tool = brush.tool === "eraser" ? "brush" : brush.tool;
    dispatch({ type: "brush", changes: { classIndex: index, tool } });
    return true;
  }
  const step = Math.max(1, Math.round(0.2 * brush.radius));
  const radius = (value: number) => Math.max(0.5, Math.min(LARGEST_RADIUS, Math.round(value)));
  const tools = { b: "brush", e: "eraser", f: "fill" } as const;
  if (key in tools) {
    dispatch({ type: "brush", changes: { tool: tools[key as keyof typeof tools] } });
  } else if (key === "[") {
    dispatch({ type: "brush", changes: { radius: radius(brush.radius - step) } });
  } else if (key === "]") {
    dispatch({ type: "brush", changes: { radius: radius(brush.radius + step) } });
  } else if (key === "n" || key === "p") {
    const image = neighbour(project, view.image, key === "n" ? 1 : -1);
    dispatch({ type: "view", changes: { image } });
  } else return false;
  return true;
}
