// What the classes of a model mean.

/** What a network for single cells was trained on. */
export interface ObjectTask {
  /**
   * "gap": class 1 is the cell; class 0 is the background and a gap between cells that touch. "border": class 1
   * is the inside of a cell, class 2 its border, class 0 the background.
   */
  readonly kind: ObjectKind;
  /** Depth in pixels of a neck that parts two cells, chosen on held-out images (`separateObjects`). */
  readonly separation?: number | undefined;
  /** A pixel is cell above this probability, chosen together with the separation. */
  readonly threshold?: number | undefined;
}

/** What single cells are in the classes of a network: see `ObjectTask`. */
export type ObjectKind = "gap" | "border";

export const OBJECT_KINDS: readonly ObjectKind[] = ["gap", "border"];

/** What the classes of a network mean. */
export interface Task {
  /** A name for each class, in the order of their indices. */
  readonly classNames?: readonly string[] | undefined;
  /** A colour for each class, "#rrggbb". */
  readonly classColours?: readonly string[] | undefined;
  /** Where the labels hold single cells. */
  readonly objects?: ObjectTask | undefined;
}

/** The classes of a model, with names and colours if known. */
export interface ClassFields extends Task {
  /** Number of classes. */
  readonly classes: number;
}

/**
 * Separates the configuration of a model from its task. Version 0.1.0 kept both together: its
 * files, and callers' configurations of that form, are split here. `given` takes precedence.
 */
export function splitTask<Config extends object>(
  config: Config,
  given: Task = {},
): { readonly model: Config; readonly task?: Task } {
  const { classNames, classColours, ...model } = config as Config & Task;
  const names = given.classNames ?? classNames;
  const colours = given.classColours ?? classColours;
  const task = {
    ...(names !== undefined && { classNames: names }),
    ...(colours !== undefined && { classColours: colours }),
    ...(given.objects !== undefined && { objects: given.objects }),
  };
  return { model: model as Config, ...(Object.keys(task).length > 0 && { task }) };
}

/** Returns the classes of a model with its task: from a checkpoint's metadata, or from a run. */
export function classFieldsOf({
  model,
  task,
}: {
  readonly model: { readonly classes: number };
  readonly task?: Task | undefined;
}): ClassFields {
  return { classes: model.classes, ...task };
}
