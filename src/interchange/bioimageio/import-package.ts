// The network of a package of the bioimage.io zoo, with what its description says about it.

import { shownText } from "../../arguments/shown.js";
import type { ImportedNetwork } from "../graph-checkpoint.js";
import type { OnnxActivation } from "../onnx/end-activation.js";
import type { ImportOnnxOptions } from "../onnx/import-onnx.js";
import { areImageAxes } from "../onnx/tensor-axes.js";
import type { ImportPytorchOptions } from "../pytorch/import-pytorch.js";
import { refusing } from "../refusal.js";
import type { ModelPackage } from "./package-files.js";
import { packageGraph } from "./package-graph.js";
import { normalisationOf, type PackageNormalisation, withSteps } from "./package-normalisation.js";
import type { DescribedTensor, ModelDescription } from "./read-description.js";

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
  model: ModelPackage,
  options: ImportNetworkOptions = {},
): Promise<ImportedNetwork> {
  return refusing(model.path, () => networkOf(model, options));
}

async function networkOf(
  model: ModelPackage,
  options: ImportNetworkOptions,
): Promise<ImportedNetwork> {
  const { path, description } = model;
  const { inputs, outputs } = description;
  const place = outputPlace(description, options.output, path);
  const output = outputs[place];
  const said = options.normalisation
    ? { normalisation: options.normalisation, rest: [] }
    : saidBy(inputs, path);
  const ended = output.steps.find(({ id }) => id === "sigmoid" || id === "softmax");
  const { graphCheckpoint } = await import("../graph-checkpoint.js");
  const { result, skipped } = await packageGraph(model, place, options, (file) => {
    const { endsWith = ended?.id as OnnxActivation | undefined } = file;
    const { halo, norms, activation = endsWith } = options;
    const { normalisation } = said;
    const graph = withSteps(file.graph, said.rest, file.channels);
    const given = { ...file, graph };
    const own = { activation, normalisation, norms };
    try {
      return graphCheckpoint(given, { ...own, halo });
    } catch (error) {
      // The zoo's halo, where the graph does not say how far it sees.
      if (halo !== undefined || !(error as Error).message.includes("give halo")) throw error;
      return graphCheckpoint(given, { ...own, halo: output.halo ?? 0 });
    }
  });
  const remarks = [...skipped, ...result.remarks];
  if (outputs.length > 1 && options.output === undefined) {
    const others = outputs.filter((one) => one !== output).map(({ id }) => shownText(id));
    remarks.push(
      `of ${outputs.length} outputs ${shownText(output.id)} is the prediction, not ${others.join(", ")}`,
    );
  }
  return { ...result, remarks };
}

/** The place of the output that is the prediction: of the name, or the first image. */
function outputPlace(
  { outputs }: ModelDescription,
  wanted: string | undefined,
  path: string,
): number {
  const place = outputs.findIndex(({ id, axes }) =>
    wanted === undefined ? areImageAxes(axes) : id === wanted,
  );
  if (place >= 0) return place;
  const names = outputs.map(({ id }) => shownText(id)).join(", ");
  throw new Error(`${path}: it has no output ${shownText(wanted)}, expected ${names}`);
}

/** How the images of all inputs are normalised. */
function saidBy(inputs: readonly DescribedTensor[], path: string): PackageNormalisation {
  try {
    const all = inputs.map(({ steps, channels = 1, maximum }) =>
      normalisationOf(steps, channels, maximum),
    );
    const [first] = all;
    if (all.length === 1) return first;
    const lists = all.flatMap(({ normalisation: one, rest }) =>
      one.kind === "statistics" && rest.length === 0 ? [one] : [],
    );
    if (lists.length === all.length) {
      const mean = lists.flatMap((one) => one.mean);
      const deviation = lists.flatMap((one) => one.deviation);
      return { normalisation: { kind: "statistics", mean, deviation }, rest: [] };
    }
    const isSame = all.every(
      ({ normalisation, rest }) => normalisation.kind === "image" && rest.length === 0,
    );
    if (isSame) return first;
    throw new Error(
      "its inputs are preprocessed in ways that channels of one image cannot be: give --mean and --deviation",
    );
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
