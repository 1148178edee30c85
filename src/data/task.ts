// What the classes of a model mean.

export interface Task {
  /** A name for each class, in the order of their indices. */
  readonly classNames?: readonly string[] | undefined;
  /** A colour for each class, "#rrggbb". */
  readonly classColours?: readonly string[] | undefined;
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
