// What a person downloads.

import type { FileWork } from "../files/work.js";
import { download } from "../outputs/download.js";
import { fileName, folderOf, pictureName } from "../outputs/names.js";
import { KINDS, type Kind, type PictureRequest } from "../outputs/pictures.js";
import type { Store } from "../state/store.js";
import type { Project } from "../state/types.js";
import { messageOf } from "./app.js";

export interface Outputs {
  takeCheckpoint(): Promise<void>;
  takeReport(): Promise<void>;
  takeProject(): Promise<void>;
  /** One picture of a segmented image. */
  takePicture(kind: Kind, name: string): Promise<void>;
  /** All pictures of all segmented images. */
  takeAllPictures(): Promise<void>;
}

export function createOutputs({ state, dispatch }: Store, files: FileWork): Outputs {
  const requests = (kinds: readonly Kind[], isWanted: (name: string) => boolean) => {
    const { project, predictions, view } = state.peek();
    const { threshold } = view;
    const classes = project?.classes ?? [];
    const images = project?.images.filter(({ name }) => predictions[name] && isWanted(name)) ?? [];
    return images.flatMap(({ name, raw }) =>
      kinds.map((kind): PictureRequest => {
        return { kind, name, raw, prediction: predictions[name], threshold, classes };
      }),
    );
  };
  /** Does the work on the project; what goes wrong is said. */
  const taking = (work: (project: Project) => void | Promise<void>) => async () => {
    const { project } = state.peek();
    try {
      if (project) await work(project);
    } catch (error) {
      dispatch({ type: "notice", kind: "error", text: messageOf(error) });
    }
  };
  return {
    takeCheckpoint: taking(async (project) => {
      const { best, last } = project.training;
      const checkpoint = best ?? last;
      if (!checkpoint) return;
      const bytes = await files.checkpoint(checkpoint.bytes, project.classes);
      const ending = `network-${best ? "best" : "last"}-step-${checkpoint.step}.safetensors`;
      download({ path: fileName(project, ending), bytes });
    }),
    takeReport: taking(async (project) => {
      const { predictions, view, device } = state.peek();
      const adapter = device.kind === "ready" ? device.description.adapter : "none";
      const { threshold } = view;
      const bytes = await files.report({ project, predictions, threshold, adapter });
      download({ path: fileName(project, "report.html"), bytes });
    }),
    takeProject: taking(async (project) => {
      download({ path: `${folderOf(project)}.zip`, bytes: await files.packProject(project) });
    }),
    takePicture: (kind, name) =>
      taking(async (project) => {
        for (const file of await files.pictures(requests([kind], (one) => one === name))) {
          download({ ...file, path: pictureName(project, name, kind, file) });
        }
      })(),
    takeAllPictures: taking(async (project) => {
      const bytes = await files.packPictures(requests(KINDS, () => true));
      download({ path: fileName(project, "segmentation.zip"), bytes });
    }),
  };
}
