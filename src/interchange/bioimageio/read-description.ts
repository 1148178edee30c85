// The description of a bioimage.io model, rdf.yaml or bioimageio.yaml, of format 0.4 and 0.5: what of it says how the
// network is run. The values are those of a parsed file.

import { shown, shownText } from "../../arguments/shown.js";
import type { ProcessingStep } from "./processing.js";

/** An input or output of the network. */
export interface DescribedTensor {
  readonly id: string;
  /** One letter an axis: b, c, y, x; z and t for volumes and times. */
  readonly axes: string;
  /** Path of an .npy file in the package. */
  readonly test: string | undefined;
  /** The largest value that is allowed, if it is said: 255 for images of 8 bits. */
  readonly maximum?: number | undefined;
  readonly steps: readonly ProcessingStep[];
}

/** A file of weights. */
export interface DescribedWeights {
  /** "onnx", "torchscript", "pytorch_state_dict", ... */
  readonly kind: string;
  /** A path in the package, or an address. */
  readonly source: string;
  /** The Python that makes the network of a state dictionary: "unet2d.py, UNet2d". */
  readonly definition?: string | undefined;
}

/** A model of the zoo. */
export interface ModelDescription {
  readonly name: string;
  readonly formatVersion: string;
  readonly licence: string | undefined;
  readonly input: DescribedTensor;
  readonly output: DescribedTensor;
  readonly weights: readonly DescribedWeights[];
  /** How far the output of the test may differ: absolute, and as a share. */
  readonly tolerance: { readonly absolute: number; readonly relative: number };
}

/** What the specification allows where a package says nothing. */
const TOLERANCE = { absolute: 1e-3, relative: 1e-3 };

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
/** A text or a number as a text; anything else as `usual`. */
const textOf = (value: unknown, usual = ""): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : usual;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Reads a parsed description. Throws one line with `fileName` for what is not a model that runs here. */
export function readDescription(value: unknown, fileName: string): ModelDescription {
  const all = fieldsOf(value);
  const formatVersion = textOf(all.format_version, "?");
  const fail = (what: string) => new Error(`${fileName}: ${what}`);
  if (all.type !== undefined && all.type !== "model") {
    throw fail(`it describes a ${shown(all.type)}, expected a model`);
  }
  if (!/^0\.[45]\./.test(`${formatVersion}.`)) {
    throw fail(`its format is ${shown(all.format_version)}, expected 0.4 or 0.5`);
  }
  const isFour = formatVersion.startsWith("0.4");
  const tensors = (key: "inputs" | "outputs") => {
    const list = listOf(all[key]);
    if (list.length !== 1) {
      const named = list.slice(0, 10).map(fieldsOf);
      const names = named.map(({ id, name }, i) => shownText(textOf(id ?? name, `${i + 1}`)));
      const which = names.length > 0 ? ` (${names.join(", ")})` : "";
      throw fail(`it has ${list.length} ${key}${which}, expected one`);
    }
    const tests = listOf(all[`test_${key}`]);
    const fields = fieldsOf(list[0]);
    return isFour ? fourTensor(fields, tests[0], key) : fiveTensor(fields, key);
  };
  const [input, output] = [tensors("inputs"), tensors("outputs")];
  for (const { id, axes } of [input, output]) {
    if (axes === "bcyx" || axes === "byxc") continue;
    throw fail(
      `the axes of ${shownText(id)} are ${shownText(axes || "missing")}, expected bcyx: two-dimensional images`,
    );
  }
  const weights = Object.entries(fieldsOf(all.weights)).map(([kind, entry]) => {
    const fields = fieldsOf(entry);
    const definition = definitionOf(fields.architecture);
    return { kind, source: textOf(fields.source), ...(definition && { definition }) };
  });
  return {
    name: textOf(all.name, fileName),
    formatVersion,
    licence: typeof all.license === "string" ? all.license : undefined,
    input,
    output,
    weights,
    tolerance: toleranceOf(fieldsOf(all.config)),
  };
}

/** The file or module of an architecture with its class; format 0.4 has "file.py:Class". */
function definitionOf(architecture: unknown): string | undefined {
  if (typeof architecture === "string") return architecture.replace(":", ", ");
  const { source, import_from: from, callable } = fieldsOf(architecture);
  const parts = [source ?? from, callable].filter((one) => typeof one === "string");
  return parts.length > 0 ? parts.join(", ") : undefined;
}

type Key = "inputs" | "outputs";

/** Names of tensors that have none. */
const USUAL: Readonly<Record<Key, string>> = { inputs: "input", outputs: "output" };

/** A tensor of format 0.4. */
function fourTensor(fields: Fields, test: unknown, key: Key): DescribedTensor {
  const steps = fields[key === "inputs" ? "preprocessing" : "postprocessing"];
  return {
    id: textOf(fields.name, USUAL[key]),
    axes: textOf(fields.axes),
    test: typeof test === "string" ? test : undefined,
    steps: listOf(steps).map((step) => stepOf(step, "name")),
  };
}

/** Letters of the types of axes of format 0.5; those of space and time have an id. */
const LETTERS: Readonly<Record<string, string>> = {
  batch: "b",
  channel: "c",
  time: "t",
  index: "i",
};

/** A tensor of format 0.5. */
function fiveTensor(fields: Fields, key: Key): DescribedTensor {
  const steps = fields[key === "inputs" ? "preprocessing" : "postprocessing"];
  const axes = listOf(fields.axes).map((axis) => {
    const { type, id } = fieldsOf(axis);
    // An axis of space without an id is x, by the specification.
    return LETTERS[textOf(type)] ?? textOf(id, "x");
  });
  const { source } = fieldsOf(fields.test_tensor);
  const [, most] = listOf(fieldsOf(fields.data).range);
  return {
    id: textOf(fields.id, USUAL[key]),
    ...(typeof most === "number" && most > 0 ? { maximum: most } : {}),
    axes: axes.join(""),
    test: typeof source === "string" ? source : undefined,
    steps: listOf(steps).map((step) => stepOf(step, "id")),
  };
}

function stepOf(value: unknown, name: "id" | "name"): ProcessingStep {
  const fields = fieldsOf(value);
  return { id: textOf(fields[name]), kwargs: fieldsOf(fields.kwargs) };
}

/** `config.bioimageio.reproducibility_tolerance` of format 0.5, of the first entry. */
function toleranceOf(config: Fields): ModelDescription["tolerance"] {
  const [first] = listOf(fieldsOf(config.bioimageio).reproducibility_tolerance);
  const { absolute_tolerance: absolute, relative_tolerance: relative } = fieldsOf(first);
  const number = (value: unknown, usual: number) => (typeof value === "number" ? value : usual);
  return {
    absolute: number(absolute, TOLERANCE.absolute),
    relative: number(relative, TOLERANCE.relative),
  };
}
