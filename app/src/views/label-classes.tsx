// The classes: which one the brush paints, their names and colours.

import { useMemo, useState } from "preact/hooks";
import { deletionProblem, isPainted } from "../state/class-deletion.js";
import {
  classProblem,
  MOST_CLASSES,
  NAME_OFFERS,
  renamed,
  withMoreClasses,
} from "../state/classes.js";
import { hasNetwork, isLabelled } from "../state/project.js";
import type { ClassInfo } from "../state/project-types.js";
import { useApp, useAppState, useProject } from "./context.js";
import { DraftInput } from "./draft-input.js";

export function ClassList() {
  const app = useApp();
  const { brush } = useAppState();
  const project = useProject();
  const { classes } = project;
  const [asked, setAsked] = useState<number>();
  const problem = deletionProblem(project);
  const isTrained = hasNetwork(project);
  const hasLabels = useMemo(() => project.images.some(isLabelled), [project.images]);
  const isOpen = !isTrained && classes.length === 2 && !hasLabels;
  const most = `At most ${MOST_CLASSES} classes can be added by hand.`;
  const whyNoMore = isTrained ? problem : classes.length >= MOST_CLASSES ? most : undefined;
  const remove = (index: number) => {
    setAsked(undefined);
    app.dispatch({ type: "delete-class", index });
  };
  const set = (next: readonly ClassInfo[]) => app.dispatch({ type: "classes", classes: next });
  /** Applies an input's value; if it is not valid, says why and leaves the class unchanged. */
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
            {problem === undefined ? (
              <button
                type="button"
                class="quiet"
                aria-label={`Delete class ${name}`}
                onClick={() => (isPainted(project, index) ? setAsked(index) : remove(index))}
              >
                ×
              </button>
            ) : null}
            <button
              type="button"
              class="small"
              aria-pressed={brush.classIndex === index}
              aria-label={`${index + 1}: paint ${name}`}
              onClick={() => app.dispatch({ type: "brush", changes: { classIndex: index } })}
            >
              {index + 1}
            </button>
            {asked === index ? (
              <DeleteQuestion
                name={name}
                onDelete={() => remove(index)}
                onKeep={() => setAsked(undefined)}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {isOpen ? <NameOffers /> : null}
      <button
        type="button"
        class="small"
        disabled={whyNoMore !== undefined}
        onClick={() => set(withMoreClasses(classes, classes.length + 1))}
      >
        Add a class
      </button>
      {whyNoMore ? <p class="faint">{whyNoMore}</p> : null}
    </>
  );
}

interface QuestionProps {
  readonly name: string;
  onDelete(): void;
  onKeep(): void;
}

function DeleteQuestion({ name, onDelete, onKeep }: QuestionProps) {
  return (
    <div class="delete-question" role="alert">
      <p>
        Delete {name}? Its pixels become unlabelled, and earlier strokes can no longer be undone.
      </p>
      <div class="row">
        <button type="button" class="small danger" onClick={onDelete}>
          Delete permanently
        </button>
        <button type="button" class="small" onClick={onKeep}>
          Keep
        </button>
      </div>
    </div>
  );
}

/** Suggested names for the two classes of a project without labels. */
function NameOffers() {
  const app = useApp();
  const { classes } = useProject();
  const current = classes.map(({ name }) => name).join(", ");
  const offers = NAME_OFFERS.map((names) => ({ names, text: names.join(", ") }));
  const own = offers.some(({ text }) => text === current) ? [] : [current];
  return (
    <label class="names">
      <span class="faint">Names</span>
      <select
        value={current}
        onChange={({ currentTarget }) => {
          const offer = offers.find(({ text }) => text === currentTarget.value);
          if (offer) app.dispatch({ type: "classes", classes: renamed(classes, offer.names) });
        }}
      >
        {[...own, ...offers.map(({ text }) => text)].map((text) => (
          <option key={text}>{text}</option>
        ))}
      </select>
    </label>
  );
}
