// Cells of predictions: found and measured in a Worker, which starts when the first are asked for.

import type { ObjectTask } from "../../../src/index.js";
import { type CellFinder, createCellFinder } from "../cells/finder.js";
import type { CellWork } from "../cells/work.js";
import type { FileWork } from "../files/work.js";
import { networkInUse } from "../state/network.js";
import type { Store } from "../state/store.js";

export interface Cells {
  readonly cells: CellFinder;
  /** What the network in use was trained on, if that was single cells. */
  objectTask(): Promise<ObjectTask | undefined>;
}

export function createCells(
  { state }: Store,
  files: Pick<FileWork, "readCheckpoint">,
  connect: () => CellWork,
): Cells {
  let finder: CellFinder | undefined;
  const opened = () => {
    finder ??= createCellFinder(connect());
    return finder;
  };
  const tasks = new WeakMap<Uint8Array, Promise<ObjectTask | undefined>>();
  return {
    cells: {
      find: (request) => opened().find(request),
      propose: (request, gesture) => opened().propose(request, gesture),
      summarise: (requests, filter, onSummary) => opened().summarise(requests, filter, onSummary),
      files: (request, of, keys) => opened().files(request, of, keys),
      table: (requests, onImage) => opened().table(requests, onImage),
    },
    async objectTask() {
      const { project } = state.peek();
      const bytes = project && networkInUse(project.training)?.checkpoint.bytes;
      if (!bytes) return undefined;
      const known = tasks.get(bytes);
      if (known) return known;
      const read = files.readCheckpoint(bytes, "checkpoint").then(({ task }) => task?.objects);
      tasks.set(bytes, read);
      return read;
    },
  };
}
