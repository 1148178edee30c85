// Weights of PyTorch as checkpoints, for networks that are recognised by their names.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { readPytorch } from "../../formats/pytorch/read-pytorch.js";
import { floatsOf, readSafetensors } from "../../formats/safetensors.js";
import type { Checkpoint } from "../../train/training-types.js";
import {
  type GraphFile,
  graphCheckpoint,
  type ImportedNetwork,
  type ImportOptions,
} from "../graph-checkpoint.js";
import { refusal } from "../refusal.js";
import { recognise } from "./families.js";
import { fcnOfVgg16, isOwn, isVgg16, likeCheckpoint } from "./own-networks.js";
import { renamedWeights, type WeightNames, type Weights } from "./renamed-weights.js";

/** How weights of PyTorch are read. */
export interface ImportPytorchOptions extends ImportOptions {
  /** Other names of the weights, before the network is recognised by them. */
  readonly names?: WeightNames | undefined;
  /** A checkpoint of the same network, for a module that `exportPytorch` wrote. */
  readonly like?: Checkpoint | undefined;
}

const OPTIONS: Keys<ImportPytorchOptions> = {
  name: 1,
  activation: 1,
  normalisation: 1,
  halo: 1,
  norms: 1,
  names: 1,
  like: 1,
};

/**
 * Reads the weights of a U-Net from a file of `torch.save` (a state dictionary), from a TorchScript archive or from
 * safetensors, and recognises the network by their names (`FAMILY_NAMES`). torchvision's VGG-16 becomes an FCN-8s with
 * scores of 0. Nothing in the file is executed. Throws one line with the name of the file for damaged bytes, for a
 * pickle that would call a function, and for a network that is not recognised.
 */
export function importPytorch(
  bytes: Uint8Array,
  options: ImportPytorchOptions = {},
): ImportedNetwork {
  checkKeys("importPytorch", options, OPTIONS);
  const { name = "the file", names, like, ...rest } = options;
  try {
    const stored = weightsOf(bytes, name);
    const named = names ? renamedWeights(stored, names) : stored;
    const weights = like ? named : withoutWrapper(named);
    const own = ownNetwork(weights, like);
    if (own) return normalised(own, options);
    return graphCheckpoint(recognised(weights, name), { ...rest, name });
  } catch (error) {
    throw refusal(error, name);
  }
}

/** Reads the graph of a recognised network, with its weights. Throws as `importPytorch` does. */
export function readPytorchGraph(
  bytes: Uint8Array,
  name: string,
  names?: WeightNames,
): RecognisedFile {
  const stored = weightsOf(bytes, name);
  try {
    return recognised(withoutWrapper(names ? renamedWeights(stored, names) : stored), name);
  } catch (error) {
    throw named(error as Error, name);
  }
}

const named = (error: Error, name: string) =>
  error.message.startsWith(`${name}: `) ? error : new Error(`${name}: ${error.message}`);

/** A network of this engine, with what is to be said about it. */
function ownNetwork(weights: Weights, like: Checkpoint | undefined): ImportedNetwork | undefined {
  const plain = { endsWith: undefined };
  if (like) {
    const remarks = ["the weights are those of the named network"];
    return { ...plain, checkpoint: likeCheckpoint(weights, like), remarks };
  }
  if (isOwn(weights)) {
    throw new Error(
      "it is a U-Net of this program, whose padding, norms and activation its weights do not say: " +
        "name a checkpoint of the same network by --like",
    );
  }
  if (!isVgg16(weights)) return undefined;
  const told =
    "recognised as VGG-16: an FCN-8s with its layers, whose scores are 0 until it is trained";
  return { ...plain, checkpoint: fcnOfVgg16(weights), remarks: [told] };
}

function normalised(imported: ImportedNetwork, { normalisation }: ImportOptions): ImportedNetwork {
  if (!normalisation) return imported;
  const { checkpoint } = imported;
  const metadata = { ...checkpoint.metadata, normalisation };
  return { ...imported, checkpoint: { ...checkpoint, metadata } };
}

/** A recognised network; `maps`: the channels of its output. */
export type RecognisedFile = GraphFile & { readonly maps: number };

function recognised(weights: Weights, name: string): RecognisedFile {
  const found = recognise(new Map([...weights].map(([key, { shape }]) => [key, shape])));
  const { graph, channels, maps, activation: endsWith } = found;
  const remarks = [`recognised as ${found.name}`];
  return { name, graph, channels, maps, endsWith, weights, remarks };
}

/** Modules around the network, as DataParallel, torch.compile and Lightning have them, begin the names of all weights. */
const WRAPPERS = /^(module|_orig_mod|model|net|network|unet)\./;

function withoutWrapper(weights: Weights): Weights {
  const [first = ""] = weights.keys();
  const prefix = WRAPPERS.exec(first)?.[0];
  const all = [...weights];
  if (!prefix || !all.every(([key]) => key.startsWith(prefix))) return weights;
  return withoutWrapper(new Map(all.map(([key, one]) => [key.slice(prefix.length), one])));
}

/** A safetensors file begins with the length of its JSON header. */
function weightsOf(bytes: Uint8Array, name: string): Weights {
  const isSafetensors = bytes.length > 8 && bytes[8] === 0x7b && bytes[7] === 0;
  if (!isSafetensors) return readPytorch(bytes, name);
  const { tensors } = readSafetensors(bytes, name);
  const isFloat = (dtype: string) => ["F16", "BF16", "F32", "F64"].includes(dtype);
  return new Map(
    [...tensors]
      .filter(([, { dtype }]) => isFloat(dtype))
      .map(([key, tensor]) => [key, { shape: tensor.shape, data: floatsOf(tensor, name) }]),
  );
}
