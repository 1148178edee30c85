// The classes: which one the brush sets, what they are called, their colours.

import { classProblem, MOST_CLASSES, withMoreClasses } from "../state/classes.js";
import { hasNetwork } from "../state/project.js";
import type { ClassInfo } from "../state/types.js";
import { useApp, useAppState, useProject } from "./context.js";
import { DraftInput } from "./draft-input.js";

export function ClassList() {
  const app = useApp();
  const { brush } = useAppState();
  const project = useProject();
  const { classes } = project;
  const isTrained = hasNetwork(project);
  const set = (next: readonly ClassInfo[]) => app.dispatch({ type: "classes", classes: next });
  /** Takes what an input has now; what cannot be is said, and the class stays as it is. */
  const change = (index: number, key: keyof ClassInfo, text: string) => {
    const next = classes.map((one, i) => (i === index ? { ...one, [key]: text.trim() } : one));
    const problem = classProblem(next);
    if (problem) {
      app.dispatch({ type: "notice", kind: "error", topic: "classes", text: problem });
    } else set(next);
  };
  return (
    <>
      <ul class="classes">
        {classes.map(({ name, colour }, index) => (
          <li key={index} class={brush.classIndex === index ? "current" : ""}>
            <input
              type="color"
              aria-label={`Colour of ${name}`}
              value={colour}
              onChange={({ currentTarget }) => change(index, "colour", currentTarget.value)}
            />
            <DraftInput
              type="text"
              aria-label={`Name of class ${index + 1}`}
              value={name}
              title="Rename: Enter saves, Escape cancels"
              onCommit={(text) => change(index, "name", text)}
            />
            <button
              type="button"
              class="small"
              aria-pressed={brush.classIndex === index}
              aria-label={`${index + 1}: paint ${name}`}
              onClick={() => app.dispatch({ type: "brush", changes: { classIndex: index } })}
            >
              {index + 1}
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="small"
        disabled={isTrained || classes.length >= MOST_CLASSES}
        title={
          isTrained
            ? "The network was trained on these classes: reset it under Train first"
            : undefined
        }
        onClick={() => set(withMoreClasses(classes, classes.length + 1))}
      >
        Add a class
      </button>
    </>
  );
}
