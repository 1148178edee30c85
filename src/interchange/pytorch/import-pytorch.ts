// Weights of PyTorch as checkpoints, for networks that are recognised by their names.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { readPytorch } from "../../formats/pytorch/read-pytorch.js";
import { floatsOf, readSafetensors } from "../../formats/safetensors.js";
import { graphCheckpoint, type ImportedNetwork, type ImportOptions } from "../graph-checkpoint.js";
import { recognise } from "./families.js";

const OPTIONS: Keys<ImportOptions> = { name: 1, activation: 1, normalisation: 1, halo: 1 };

/** Weights by name. */
type Weights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
>;

/**
 * Reads the weights of a U-Net from a file of `torch.save` (a state dictionary), from a TorchScript archive or from
 * safetensors, and recognises the network by their names (`FAMILY_NAMES`). Nothing in the file is executed. Throws
 * one line with the name of the file for damaged bytes, for a pickle that would call a function, and for a network
 * that is not recognised.
 */
export function importPytorch(bytes: Uint8Array, options: ImportOptions = {}): ImportedNetwork {
  checkKeys("importPytorch", options, OPTIONS);
  const { name = "the file" } = options;
  const weights = weightsOf(bytes, name);
  let found: ReturnType<typeof recognise>;
  try {
    found = recognise(new Map([...weights].map(([key, { shape }]) => [key, shape])));
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
  const { graph, channels, activation } = found;
  const imported = graphCheckpoint(
    { name, graph, channels, endsWith: activation, weights },
    options,
  );
  return { ...imported, remarks: [`recognised as ${found.name}`, ...imported.remarks] };
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
