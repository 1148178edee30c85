// The weights of a package: the first of its files that can be read, and why others before it cannot.

import type { OnnxExternal } from "../../formats/onnx/onnx-types.js";
import type { ModelPackage } from "./package-files.js";
import type { DescribedWeights } from "./read-description.js";

/** Kinds of weights that can be read, the best first. */
const READABLE: readonly string[] = ["onnx", "pytorch_state_dict", "torchscript"];

/** A file of weights. */
export interface WeightsFile {
  readonly entry: DescribedWeights;
  /** For errors. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Reads a range of a file next to it. */
  readonly readExternal: (place: OnnxExternal) => Promise<Uint8Array>;
}

/**
 * Returns what `use` makes of the first weights with which it succeeds, and a sentence for each that was skipped.
 * Throws the reason if there are only one, and all reasons otherwise.
 */
export async function firstWeights<T>(
  { path, description: { weights }, read }: ModelPackage,
  use: (file: WeightsFile) => Promise<T>,
): Promise<{ readonly result: T; readonly skipped: readonly string[] }> {
  const inside = weights.filter(({ source }) => !/^[a-z][a-z+]+:\/\//i.test(source));
  const entries = READABLE.flatMap((kind) => inside.filter((entry) => entry.kind === kind));
  if (entries.length === 0) {
    const kinds = weights.map((one) => one.kind).join(", ") || "none";
    throw new Error(
      `${path}: its weights are ${kinds}, expected ${READABLE.join(", ")} as files of the package`,
    );
  }
  const errors: Error[] = [];
  const skipped: string[] = [];
  for (const entry of entries) {
    const name = `${path}: ${entry.source}`;
    try {
      const result = await use({
        entry,
        name,
        bytes: await read(entry.source),
        async readExternal({ location, offset, length }) {
          const folder = entry.source.slice(0, entry.source.lastIndexOf("/") + 1);
          const file = await read(folder + location);
          return file.subarray(offset, length === undefined ? file.length : offset + length);
        },
      });
      return { result, skipped };
    } catch (error) {
      const why = explained(error as Error, entry, name);
      errors.push(why);
      skipped.push(
        `the weights of ${entry.kind} are not used: ${why.message.replace(`${name}: `, "")}`,
      );
    }
  }
  if (errors.length === 1) throw errors[0];
  const reasons = errors.map(({ message }) => message.replace(`${path}: `, ""));
  throw new Error(`${path}: none of its weights can be used: ${reasons.join("; ")}`);
}

/** The error, with the Python that makes a network which is not recognised. */
function explained(error: Error, { definition }: DescribedWeights, name: string): Error {
  const { message } = error;
  if (!definition || !message.includes("not recognised")) return error;
  return new Error(
    `${name}: only Python makes its network (${definition}), and none is run here: ` +
      `ask for the package with ONNX weights (${message.replace(`${name}: `, "")})`,
  );
}
