// The classes: which one the brush sets, what they are called, their colours.

import { CLASS_COLOURS } from "../state/project.js";
import type { ClassInfo } from "../state/types.js";
import { useApp, useAppState, useProject } from "./context.js";

export function ClassList() {
  const app = useApp();
  const { brush } = useAppState();
  const { classes, training } = useProject();
  const isTrained = training.last !== undefined;
  const set = (next: readonly ClassInfo[]) => app.dispatch({ type: "classes", classes: next });
  const change = (index: number, changes: Partial<ClassInfo>) =>
    set(classes.map((one, i) => (i === index ? { ...one, ...changes } : one)));
  return (
    <>
      <ul class="classes">
        {classes.map(({ name, colour }, index) => (
          <li key={index} class={brush.classIndex === index ? "current" : ""}>
            <input
              type="color"
              aria-label={`Colour of ${name}`}
              value={colour}
              onChange={({ currentTarget }) => change(index, { colour: currentTarget.value })}
            />
            <input
              type="text"
              aria-label={`Name of class ${index + 1}`}
              value={name}
              onChange={({ currentTarget }) => change(index, { name: currentTarget.value })}
            />
            <button
              type="button"
              class="small"
              aria-pressed={brush.classIndex === index}
              aria-label={`Paint ${name}`}
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
        disabled={isTrained || classes.length >= CLASS_COLOURS.length}
        title={
          isTrained ? "The network knows these classes: begin afresh in Train first" : undefined
        }
        onClick={() => set([...classes, newClass(classes.length)])}
      >
        Add a class
      </button>
    </>
  );
}

function newClass(index: number): ClassInfo {
  return { name: `class ${index + 1}`, colour: CLASS_COLOURS[index % CLASS_COLOURS.length] };
}
