// What the classes of a model mean to people.

export interface Task {
  /** A name for each class, in the order of their indices. */
  readonly classNames?: readonly string[] | undefined;
  /** A colour for each class, "#rrggbb". */
  readonly classColours?: readonly string[] | undefined;
}

/** The classes of a model, with names and colours where somebody gave them. */
export interface ClassFields extends Task {
  /** Number of classes. */
  readonly classes: number;
}

/**
 * The configuration of a model and its task, apart. Version 0.1.0 kept both together: what it wrote, and
 * what callers give in its way, is taken apart here. What `given` says comes first.
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

/** The classes of a model with its task: of a checkpoint's metadata, or of a run. */
export function classFieldsOf({
  model,
  task,
}: {
  readonly model: { readonly classes: number };
  readonly task?: Task | undefined;
}): ClassFields {
  return { classes: model.classes, ...task };
}
