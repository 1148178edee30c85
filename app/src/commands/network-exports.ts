// Downloads of the network for other programs.

import type { Engine } from "../engine/client.js";
import type { FileWork } from "../files/work.js";
import { download } from "../outputs/download.js";
import { fileName } from "../outputs/names.js";
import type { ExportedNetwork, PackageFields } from "../outputs/network-formats.js";
import { networkInUse } from "../state/network.js";
import { labelled } from "../state/project.js";
import type { Project } from "../state/project-types.js";
import type { Store } from "../state/store.js";
import { messageOf } from "./message-of.js";

export interface NetworkExports {
  takeOnnx(): Promise<void>;
  /** A zip file with a module in Python and its weights. */
  takePytorch(): Promise<void>;
  /** A package of the bioimage.io zoo, for Fiji, ilastik and others. */
  takePackage(fields: PackageFields): Promise<void>;
}

export function createNetworkExports(
  { state, dispatch }: Store,
  files: Pick<FileWork, "checkpoint" | "exportedNetwork">,
  engine: Pick<Engine, "exportPackage">,
): NetworkExports {
  /** Downloads what `make` makes of the network in use; errors become messages. */
  const taking = async (
    make: (checkpoint: Uint8Array, project: Project) => Promise<ExportedNetwork>,
  ) => {
    const { project } = state.peek();
    const network = project && networkInUse(project.training);
    dispatch({ type: "settle", topic: "export" });
    if (!network) return;
    try {
      const named = await files.checkpoint(network.checkpoint.bytes, project.classes);
      const { path, bytes, use } = await make(named, project);
      const name = fileName(project, path);
      download({ path: name, bytes });
      dispatch({ type: "notice", kind: "info", topic: "export", text: `${name}: ${use}.` });
    } catch (error) {
      const text = `The network was not exported: ${messageOf(error)}.`;
      dispatch({ type: "notice", kind: "error", topic: "export", text });
    }
  };
  return {
    takeOnnx: () => taking((bytes) => files.exportedNetwork(bytes, "onnx")),
    takePytorch: () => taking((bytes) => files.exportedNetwork(bytes, "pytorch")),
    takePackage: (fields) =>
      taking((checkpoint, project) => {
        const [shown] = [...labelled(project, "validation"), ...project.images];
        if (!shown) throw new Error("a package needs an image for its test: add one first");
        const { name, raw } = shown;
        return engine.exportPackage({ checkpoint, fields, image: raw, imageName: name });
      }),
  };
}
