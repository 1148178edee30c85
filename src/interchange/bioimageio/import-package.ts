// The network of a package of the bioimage.io zoo, with what its description says about it.

import type { OnnxExternal } from "../../formats/onnx/onnx-types.js";
import type { ImportedNetwork } from "../graph-checkpoint.js";
import type { OnnxActivation } from "../onnx/graph-of-model.js";
import type { ImportOnnxOptions } from "../onnx/import-onnx.js";
import type { ImportPytorchOptions } from "../pytorch/import-pytorch.js";
import type { ModelPackage } from "./package-files.js";
import { normalisationOf } from "./processing.js";

/** Options of `importNetwork`. */
export type ImportNetworkOptions = Pick<
  ImportOnnxOptions & ImportPytorchOptions,
  "activation" | "normalisation" | "output" | "halo" | "norms" | "names" | "like"
>;

/** The options of an ONNX file. Throws with `name` for those of weights only. */
export function onnxOptions(
  { names, like, ...rest }: ImportNetworkOptions,
  name: string,
): Pick<ImportOnnxOptions, "activation" | "normalisation" | "output" | "halo" | "norms"> {
  if (names === undefined && like === undefined) return rest;
  throw new Error(`${name}: only weights of PyTorch take other names, or a checkpoint to be like`);
}

/** Reads the network of a package; what `options` say goes before what the package says. */
export async function importPackage(
  { path, description, read }: ModelPackage,
  options: ImportNetworkOptions = {},
): Promise<ImportedNetwork> {
  const { input, output } = description;
  if (input.axes !== "bcyx") {
    throw new Error(`${path}: the axes of ${input.id} are ${input.axes}, expected bcyx`);
  }
  const ended = output.steps.find(({ id }) => id === "sigmoid" || id === "softmax");
  const activation = options.activation ?? (ended?.id as OnnxActivation | undefined);
  const imported = await importWeights(
    { path, description, read },
    { ...options, ...(activation && { activation }) },
  );
  if (options.normalisation) return imported;
  const { checkpoint } = imported;
  const { metadata } = checkpoint;
  const remarks = imported.remarks.filter(
    (remark) => !remark.startsWith("each image is normalised"),
  );
  try {
    const normalisation = normalisationOf(input.steps, metadata.model.channels, input.maximum);
    const said = { ...checkpoint, metadata: { ...metadata, normalisation } };
    return { ...imported, checkpoint: said, remarks };
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}

/** The first of a package's weights that can be read. */
async function importWeights(
  { path, description: { weights }, read }: ModelPackage,
  options: ImportNetworkOptions,
): Promise<ImportedNetwork> {
  const readable = ["onnx", "pytorch_state_dict", "torchscript"];
  const inside = weights.filter(({ source }) => !/^[a-z]+:\/\//i.test(source));
  const [kind] = readable.filter((one) => inside.some((entry) => entry.kind === one));
  const entry = inside.find((one) => one.kind === kind);
  if (!entry) {
    const kinds = weights.map((one) => one.kind).join(", ") || "none";
    throw new Error(
      `${path}: its weights are ${kinds}, expected ${readable.join(", ")} as files of the package`,
    );
  }
  const name = `${path}: ${entry.source}`;
  const bytes = await read(entry.source);
  if (kind !== "onnx") {
    const { output, ...rest } = options;
    const { importPytorch } = await import("../pytorch/import-pytorch.js");
    try {
      return importPytorch(bytes, { ...rest, name });
    } catch (error) {
      const { message } = error as Error;
      if (!entry.definition || !message.includes("not recognised")) throw error;
      throw new Error(
        `${name}: only Python makes its network (${entry.definition}), and none is run here: ` +
          `ask for the package with ONNX weights (${message.replace(`${name}: `, "")})`,
      );
    }
  }
  const folder = entry.source.slice(0, entry.source.lastIndexOf("/") + 1);
  const readExternal = async ({ location, offset, length }: OnnxExternal) => {
    const file = await read(folder + location);
    return file.subarray(offset, length === undefined ? file.length : offset + length);
  };
  const { importOnnx } = await import("../onnx/import-onnx.js");
  return importOnnx(bytes, { ...onnxOptions(options, name), name, readExternal });
}
