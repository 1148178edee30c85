// The description of a bioimage.io model, rdf.yaml or bioimageio.yaml, of format 0.4 and 0.5: what of it says how the
// network is run. The values are those of a parsed file.

import { shown, shownText } from "../../arguments/shown.js";
import { areImageAxes } from "../onnx/tensor-axes.js";
import type { ProcessingStep } from "./processing.js";

/** An input or output of the network. */
export interface DescribedTensor {
  /** Its name in the package. */
  readonly id: string;
  /** One letter an axis: b, c, y, x; z and t of one plane or time. */
  readonly axes: string;
  /** The number of channels, if it is said. */
  readonly channels?: number | undefined;
  /** Pixels at each side that programs cut, if it is said. */
  readonly halo?: number | undefined;
  /** Path of an .npy file in the package. */
  readonly test: string | undefined;
  /** The largest value that is allowed, if it is said: 255 for images of 8 bits. */
  readonly maximum?: number | undefined;
  /** Processing of an input before the network, of an output after it, in this order. */
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
  /** The activation that this Python ends with, if it is told to: "Sigmoid". */
  readonly finalActivation?: string | undefined;
}

/** A model of the zoo. */
export interface ModelDescription {
  /** The title of the package. */
  readonly name: string;
  /** Of the description: "0.4.10", "0.5.7". */
  readonly formatVersion: string;
  /** An identifier of SPDX, if it is said: "MIT". */
  readonly licence: string | undefined;
  /** What the network reads, in the order of its arguments. */
  readonly inputs: readonly DescribedTensor[];
  /** One of them at least is an image. */
  readonly outputs: readonly DescribedTensor[];
  /** The same weights in one or more formats, in the package's order. */
  readonly weights: readonly DescribedWeights[];
  /** How far the output of the test may differ: absolute, and as a share. */
  readonly tolerance: PackageTolerance;
}

/** How far numbers may differ: absolute, as a share of the number, and how many of a million may differ more. */
export interface PackageTolerance {
  /** The difference that every value may have. */
  readonly absolute: number;
  /** What a value may differ by in addition, as a share of it. */
  readonly relative: number;
  /** Of a million values as many may differ by more; by default 0. */
  readonly mismatched?: number | undefined;
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
  const tensors = (key: Key) => {
    const list = listOf(all[key]);
    if (list.length === 0) throw fail(`it has no ${key}`);
    const tests = listOf(all[`test_${key}`]);
    return list.map((one, i) => {
      const fields = fieldsOf(one);
      return isFour ? fourTensor(fields, tests[i], key) : fiveTensor(fields, key);
    });
  };
  const [inputs, outputs] = [tensors("inputs"), tensors("outputs")];
  const images = outputs.filter(({ axes }) => areImageAxes(axes));
  for (const { id, axes } of images.length > 0 ? inputs : outputs) {
    if (areImageAxes(axes)) continue;
    throw fail(
      `the axes of ${shownText(id)} are ${shownText(axes.toLowerCase() || "missing")}, ` +
        "expected bcyx, or others of two-dimensional images",
    );
  }
  const weights = Object.entries(fieldsOf(all.weights)).map(([kind, entry]) => {
    const fields = fieldsOf(entry);
    const definition = definitionOf(fields.architecture);
    const kwargs = fieldsOf(fields.kwargs ?? fieldsOf(fields.architecture).kwargs);
    const finalActivation = textOf(kwargs.final_activation);
    return {
      kind,
      source: textOf(fields.source),
      ...(definition && { definition }),
      ...(finalActivation && { finalActivation }),
    };
  });
  return {
    name: textOf(all.name, fileName),
    formatVersion,
    licence: typeof all.license === "string" ? all.license : undefined,
    inputs,
    outputs,
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
  const { min, step } = fieldsOf(fields.shape);
  const [sizes, steppers] = [listOf(min ?? fields.shape), listOf(step)];
  const letters = [...textOf(fields.axes)];
  const axes = letters.map((letter, i) => {
    const isOne = sizes[i] === 1 && (steppers[i] ?? 0) === 0;
    return { letter, size: steppers[i] ? undefined : sizes[i], isOne: isOne || key === "outputs" };
  });
  const source = typeof test === "string" ? test : fieldsOf(test).source;
  const halos = listOf(fields.halo);
  return {
    id: textOf(fields.name, USUAL[key]),
    ...tensorOf(
      axes,
      halos.filter((_, i) => /[yx]/.test(letters[i])),
      fields.data_type,
      fields.data_range,
    ),
    test: typeof source === "string" ? source : undefined,
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
  const halos: unknown[] = [];
  const axes = listOf(fields.axes).map((axis) => {
    const { type, id, size, halo, channel_names: names } = fieldsOf(axis);
    halos.push(halo);
    // An axis of space without an id is x, by the specification.
    const letter = LETTERS[textOf(type)] ?? textOf(id, "x");
    const channels = Array.isArray(names) ? names.length : undefined;
    const own = letter === "c" ? (channels ?? size) : size;
    return { letter, size: own, isOne: own === 1 || key === "outputs" };
  });
  const { source } = fieldsOf(fields.test_tensor);
  const { type, range } = fieldsOf([fields.data].flat()[0]);
  return {
    id: textOf(fields.id, USUAL[key]),
    ...tensorOf(axes, halos, type, range),
    test: typeof source === "string" ? source : undefined,
    steps: listOf(steps).map((step) => stepOf(step, "id")),
  };
}

interface Axis {
  readonly letter: string;
  readonly size: unknown;
  /** Whether a plane or time may be the only one. */
  readonly isOne: boolean;
}

/** What both formats say about a tensor. A volume's axes have a letter more than the specification's: "Z". */
function tensorOf(
  axes: readonly Axis[],
  halos: readonly unknown[],
  type: unknown,
  range: unknown,
): Pick<DescribedTensor, "axes" | "channels" | "halo" | "maximum"> {
  const letters = axes.map(({ letter, isOne }) =>
    /[zti]/.test(letter) && !isOne ? letter.toUpperCase() : letter,
  );
  const channels = axes.find(({ letter }) => letter === "c")?.size;
  const cut = halos.filter((one): one is number => typeof one === "number" && one > 0);
  const maximum = maximumOf(type, range);
  return {
    axes: letters.join(""),
    ...(typeof channels === "number" && channels > 0 ? { channels } : {}),
    ...(cut.length > 0 ? { halo: Math.max(...cut) } : {}),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

/** The largest value: as it is said, or of the type of elements. */
function maximumOf(type: unknown, range: unknown): number | undefined {
  const [, most] = listOf(range);
  if (typeof most === "number" && most > 0 && Number.isFinite(most)) return most;
  const [, bits] = /^uint(8|16)$/.exec(textOf(type)) ?? [];
  return bits ? 2 ** Number(bits) - 1 : undefined;
}

function stepOf(value: unknown, name: "id" | "name"): ProcessingStep {
  const fields = fieldsOf(value);
  return { id: textOf(fields[name]), kwargs: fieldsOf(fields.kwargs) };
}

/** `config.bioimageio.reproducibility_tolerance` of format 0.5, of the first entry. */
function toleranceOf(config: Fields): PackageTolerance {
  const [first] = listOf(fieldsOf(config.bioimageio).reproducibility_tolerance);
  const fields = fieldsOf(first);
  const number = (value: unknown, usual: number) => (typeof value === "number" ? value : usual);
  const mismatched = fields.mismatched_elements_per_million;
  return {
    absolute: number(fields.absolute_tolerance, TOLERANCE.absolute),
    relative: number(fields.relative_tolerance, TOLERANCE.relative),
    ...(typeof mismatched === "number" ? { mismatched } : {}),
  };
}
