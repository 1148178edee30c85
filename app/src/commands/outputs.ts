// Downloads.

import type { CellFileKey } from "../cells/cell-files.js";
import { allCellRequests } from "../cells/requests.js";
import type { FileWork } from "../files/work.js";
import { CELL_KINDS } from "../outputs/cell-kinds.js";
import { download } from "../outputs/download.js";
import { fileName, folderOf, networkFileName, pictureName } from "../outputs/names.js";
import { OUTPUTS, type OutputFile, type PictureRequest } from "../outputs/pictures.js";
import { currentPredictions, networkInUse } from "../state/network.js";
import type { Project } from "../state/project-types.js";
import type { Store } from "../state/store.js";
import type { PackOptions } from "../storage/project-zip.js";
import type { Cells } from "./cells.js";
import { messageOf } from "./message-of.js";

const CELL_KEYS = CELL_KINDS.map(({ key }) => key);

export interface Outputs {
  takeCheckpoint(): Promise<void>;
  takeReport(): Promise<void>;
  takeProject(): Promise<void>;
  /** One picture of a segmented image. */
  takePicture(kind: string, name: string): Promise<void>;
  /** All pictures of all segmented images; `withCells`: and all files of their cells. */
  takeAllPictures(withCells: boolean): Promise<void>;
  /** A file of the cells of one segmented image. */
  takeCells(key: CellFileKey, name: string): Promise<void>;
  /** One table of the cells of all segmented images. */
  takeCellTable(): Promise<void>;
  /** Cancels a download that is being packed. */
  stopPacking(): void;
}

export function createOutputs(
  { state, dispatch }: Store,
  files: FileWork,
  { cells, objectTask }: Cells,
): Outputs {
  const requests = (kinds: readonly string[], isWanted: (name: string) => boolean) => {
    const { project, view } = state.peek();
    if (!project) return [];
    const { threshold } = view;
    const { classes, training } = project;
    const predictions = currentPredictions(state.peek().predictions, training);
    const images = project.images.filter(({ name }) => predictions[name] && isWanted(name));
    return images.flatMap(({ name, raw }) =>
      kinds.map((kind): PictureRequest => {
        return { kind, name, raw, prediction: predictions[name], threshold, classes };
      }),
    );
  };
  /** Does work on the project; errors become messages. */
  const taking = (work: (project: Project) => void | Promise<void>) => async () => {
    const { project } = state.peek();
    dispatch({ type: "settle", topic: "export" });
    try {
      if (project) await work(project);
    } catch (error) {
      dispatch({ type: "notice", kind: "error", topic: "export", text: messageOf(error) });
    }
  };
  const cellRequests = async (project: Project) =>
    allCellRequests(state.peek(), project, await objectTask());
  let stopping: AbortController | undefined;
  /** Packs many files, shows progress, and downloads them: one download at a time. */
  const packing =
    (title: string, pack: (project: Project, options: PackOptions) => Promise<OutputFile>) =>
    async () => {
      if (state.peek().packing) return;
      stopping = new AbortController();
      const { signal } = stopping;
      const onFile = (done: number, total: number, name: string) =>
        dispatch({ type: "packing", progress: { title: `${title}: file`, done, total, name } });
      await taking(async (project) => {
        try {
          download(await pack(project, { onFile, signal }));
        } catch (error) {
          if (!signal.aborted) throw error;
        } finally {
          dispatch({ type: "packing", progress: undefined });
        }
      })();
    };
  return {
    takeCheckpoint: taking(async (project) => {
      const network = networkInUse(project.training);
      if (!network) return;
      const bytes = await files.checkpoint(network.checkpoint.bytes, project.classes);
      download({ path: networkFileName(project, network), bytes });
    }),
    takeReport: taking(async (project) => {
      const { view, device, live, predictions: asked } = state.peek();
      const predictions = {
        ...currentPredictions(live, project.training),
        ...currentPredictions(asked, project.training),
      };
      const adapter = device.kind === "ready" ? device.description.adapter : "none";
      const { threshold } = view;
      const bytes = await files.report({ project, predictions, threshold, adapter });
      download({ path: fileName(project, "report.html"), bytes });
    }),
    takeProject: packing("Packing the project", async (project, options) => {
      const bytes = await files.packProject(project, options);
      return { path: `${folderOf(project)}.zip`, bytes };
    }),
    takePicture: (kind, name) =>
      taking(async (project) => {
        for (const file of await files.pictures(requests([kind], (one) => one === name))) {
          download({ ...file, path: pictureName(project, name, kind, file) });
        }
      })(),
    takeAllPictures: (withCells) =>
      packing("Packing the segmentation", async (project, { onFile, signal }) => {
        const all = requests(
          OUTPUTS.map(({ name }) => name),
          () => true,
        );
        const ofCells = withCells ? await cellRequests(project) : [];
        const total = all.length + ofCells.length;
        const others: OutputFile[] = [];
        for (const [i, [request, of]] of ofCells.entries()) {
          onFile?.(i, total, request.name);
          signal?.throwIfAborted();
          others.push(...(await cells.files(request, of, CELL_KEYS)));
        }
        const onPicture = (done: number, _: number, name: string) =>
          onFile?.(ofCells.length + done, total, name);
        const bytes = await files.packPictures(all, { onFile: onPicture, signal, others });
        return { path: fileName(project, "segmentation.zip"), bytes };
      })(),
    takeCells: (key, name) =>
      taking(async (project) => {
        const all = await cellRequests(project);
        for (const [request, of] of all.filter(([request]) => request.name === name)) {
          for (const file of await cells.files(request, of, [key])) {
            download({ ...file, path: fileName(project, file.path) });
          }
        }
      })(),
    takeCellTable: packing("Measuring the cells", async (project, { onFile, signal }) => {
      const all = await cellRequests(project);
      const bytes = await cells.table(all, (i) => {
        onFile?.(i, all.length, all[i][0].name);
        signal?.throwIfAborted();
      });
      return { path: fileName(project, "objects.csv"), bytes };
    }),
    stopPacking: () => stopping?.abort(),
  };
}
