// Downloads.

import type { FileWork } from "../files/work.js";
import { download } from "../outputs/download.js";
import { fileName, folderOf, pictureName } from "../outputs/names.js";
import { OUTPUTS, type OutputFile, type PictureRequest } from "../outputs/pictures.js";
import { currentPredictions, networkInUse } from "../state/network.js";
import type { Project } from "../state/project-types.js";
import type { Store } from "../state/store.js";
import type { PackOptions } from "../storage/project-zip.js";
import { messageOf } from "./message-of.js";

export interface Outputs {
  takeCheckpoint(): Promise<void>;
  takeReport(): Promise<void>;
  takeProject(): Promise<void>;
  /** One picture of a segmented image. */
  takePicture(kind: string, name: string): Promise<void>;
  /** All pictures of all segmented images. */
  takeAllPictures(): Promise<void>;
  /** Cancels a download that is being packed. */
  stopPacking(): void;
}

export function createOutputs({ state, dispatch }: Store, files: FileWork): Outputs {
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
      const { kind, checkpoint } = network;
      const bytes = await files.checkpoint(checkpoint.bytes, project.classes);
      const ending = `network-${kind}-step-${checkpoint.step}.safetensors`;
      download({ path: fileName(project, ending), bytes });
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
    takeAllPictures: packing("Packing the segmentation", async (project, options) => {
      const all = requests(
        OUTPUTS.map(({ name }) => name),
        () => true,
      );
      const bytes = await files.packPictures(all, options);
      return { path: fileName(project, "segmentation.zip"), bytes };
    }),
    stopPacking: () => stopping?.abort(),
  };
}
