// The description of a package, `bioimageio.yaml` of format 0.5.7: what programs need to run the network.

import type { Normalisation } from "../../data/normalise.js";
import type { Model } from "../../model/model.js";
import type { CheckpointMetadata } from "../../train/training-types.js";
import type { BioimageioOptions } from "./package-options.js";
import type { YamlValue } from "./yaml-text.js";

/** What the files of a package are. */
export interface PackageParts {
  readonly model: Model;
  readonly metadata: CheckpointMetadata;
  /** Names of the output's maps. */
  readonly maps: readonly string[];
  /** The largest value of the type of the images. */
  readonly maximum: number;
  /** Sizes that the network takes. */
  readonly sizes: { readonly smallest: number; readonly step: number; readonly halo: number };
  readonly opset: number;
  /** Digests of the files by path, where the page can compute them. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Paths of the files. */
export const FILES = {
  description: "bioimageio.yaml",
  documentation: "README.md",
  cover: "cover.png",
  input: "test_input.npy",
  output: "test_output.npy",
  weights: "model.onnx",
} as const;

const PAPER = {
  text: "Ronneberger, Fischer, Brox: U-Net: Convolutional Networks for Biomedical Image Segmentation. MICCAI 2015",
  doi: "10.1007/978-3-319-24574-4_28",
};
const FCN_PAPER = {
  text: "Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation. CVPR 2015",
  doi: "10.1109/CVPR.2015.7298965",
};

/** A tile of the smallest size has pixels left after the halo is cut. */
export const smallestTile = ({ smallest, step, halo }: PackageParts["sizes"]): number =>
  Math.max(smallest, 2 * halo + step);

/** Returns the description as plain values. */
export function describeModel(
  { name, authors, licence, description = "", tags = [] }: BioimageioOptions,
  parts: PackageParts,
): YamlValue {
  const { model, metadata, maps, maximum, sizes, opset, digests } = parts;
  const file = (source: string) => ({ source, sha256: digests.get(source) });
  const { architecture, channels } = metadata.model;
  const isFcn = architecture.startsWith("fcn");
  const side = { min: smallestTile(sizes), step: sizes.step };
  const space = (id: string) => ({ type: "space", id, size: side });
  const like = (id: string) => ({
    type: "space",
    id,
    size: { tensor_id: "image", axis_id: id },
    ...(sizes.halo > 0 && { halo: sizes.halo }),
  });
  return {
    format_version: "0.5.7",
    type: "model",
    name,
    description: description || `${model.title}, trained with Micrograph`,
    authors: authors.map(({ name: own, affiliation, orcid }) => ({
      name: own,
      affiliation,
      orcid,
    })),
    license: licence,
    cite: [...(isFcn ? [FCN_PAPER] : []), ...(isFcn ? [] : [PAPER])],
    documentation: FILES.documentation,
    covers: [FILES.cover],
    tags: [...new Set(["micrograph", "2d", "segmentation", isFcn ? "fcn" : "unet", ...tags])],
    inputs: [
      {
        id: "image",
        description: "the image as its file has it",
        axes: [
          { type: "batch", size: 1 },
          {
            type: "channel",
            channel_names: Array.from({ length: channels }, (_, i) => `channel${i}`),
          },
          space("y"),
          space("x"),
        ],
        test_tensor: file(FILES.input),
        data: { type: "float32", ...rangeOf(metadata.normalisation, maximum) },
        preprocessing: [
          { id: "ensure_dtype", kwargs: { dtype: "float32" } },
          normalisationStep(metadata.normalisation, maximum),
          { id: "ensure_dtype", kwargs: { dtype: "float32" } },
        ],
      },
    ],
    outputs: [
      {
        id: "probabilities",
        description: "the probability of each class",
        axes: [
          { type: "batch" },
          { type: "channel", channel_names: [...maps] },
          like("y"),
          like("x"),
        ],
        test_tensor: file(FILES.output),
        data: { type: "float32", range: [0, 1] },
      },
    ],
    weights: { onnx: { ...file(FILES.weights), opset_version: opset } },
    config: {
      bioimageio: {
        architecture_type: isFcn ? "FCN" : "U-Net",
        architecture_description: model.title,
        model_parameter_count: model.parameters.count,
        task: "semantic segmentation",
      },
    },
  };
}

/** Where statistics of the training are subtracted, values of another range mean something else. */
const rangeOf = ({ kind }: Normalisation, maximum: number) =>
  kind === "statistics" ? { range: [0, maximum] } : {};

/** The least standard deviation that a description may have. */
const LEAST = 1e-6;

/** Normalisation of stored values, 0 to `maximum`, as a step of the specification. */
export function normalisationStep(normalisation: Normalisation, maximum: number) {
  if (normalisation.kind === "image") {
    return { id: "zero_mean_unit_variance", kwargs: { axes: ["y", "x"], eps: LEAST } };
  }
  if (normalisation.kind === "percentiles") {
    const { low, high, epsilon, isJoint } = normalisation;
    const percentiles = { min_percentile: low, max_percentile: high };
    const axes = isJoint ? ["channel", "y", "x"] : ["y", "x"];
    const eps = Math.min(0.1, epsilon * maximum);
    return { id: "scale_range", kwargs: { axes, ...percentiles, eps } };
  }
  const { mean, deviation } = normalisation;
  // A constant channel becomes zeros here; there it is divided by a number that is not 0.
  const std = deviation.map((value) => (value > 0 ? Math.max(LEAST, value * maximum) : 1));
  const kwargs = { mean: mean.map((value) => value * maximum), std, axis: "channel" };
  return { id: "fixed_zero_mean_unit_variance", kwargs };
}

/** Python's words, which cannot be names there. */
const WORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

/** Names as identifiers, which the format asks for, each another. */
export function identifiers(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, i) => {
    const letters = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
    const word = letters.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
    const plain = word === "" || /^\d/.test(word) || WORDS.has(word) ? `class_${word || i}` : word;
    const own = taken.has(plain) ? `${plain}_${i}` : plain;
    taken.add(own);
    return own;
  });
}
