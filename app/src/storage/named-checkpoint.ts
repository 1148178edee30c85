// Updates checkpoints whose classes were renamed or recoloured since they were written.

import { encodeSafetensors } from "../../../src/index.js";
import { decodeNetwork } from "../networks/decode-network.js";
import { classFields } from "../state/classes.js";
import type { ClassInfo, Project, StoredCheckpoint } from "../state/project-types.js";

/** The file with the current classes; the same bytes if nothing changed. */
export async function namedCheckpoint(
  bytes: Uint8Array,
  classes: readonly ClassInfo[],
  fileName: string,
): Promise<Uint8Array> {
  const checkpoint = await decodeNetwork(bytes, fileName);
  const { classes: _, ...task } = classFields(classes, checkpoint.metadata.task);
  const { classNames, classColours, objects } = checkpoint.metadata.task ?? {};
  const isSame = (one?: readonly string[], other?: readonly string[]) =>
    JSON.stringify(one) === JSON.stringify(other);
  if (isSame(task.classNames, classNames) && isSame(task.classColours, classColours)) return bytes;
  const metadata = { ...checkpoint.metadata, task: { ...task, ...(objects ? { objects } : {}) } };
  return encodeSafetensors({ ...checkpoint, metadata });
}

/** The project with current classes in its checkpoints. */
export async function withNamedCheckpoints(project: Project): Promise<Project> {
  const { classes, training } = project;
  const { best, last } = training;
  const named = async (stored: StoredCheckpoint, kind: string) => {
    const bytes = await namedCheckpoint(stored.bytes, classes, `${kind}.safetensors`);
    return { ...stored, bytes };
  };
  return {
    ...project,
    training: {
      ...training,
      ...(best ? { best: await named(best, "best") } : {}),
      ...(last ? { last: await named(last, "last") } : {}),
    },
  };
}
