// What an ONNX file holds (onnx.proto3 of onnx.ai), as plain values.

/** ONNX's types of elements by their numbers, with their bytes in raw data; 0: none that is read here. */
export const ONNX_TYPES = {
  1: ["float", 4],
  2: ["uint8", 1],
  3: ["int8", 1],
  4: ["uint16", 2],
  5: ["int16", 2],
  6: ["int32", 4],
  7: ["int64", 8],
  8: ["string", 0],
  9: ["bool", 1],
  10: ["float16", 2],
  11: ["double", 8],
  12: ["uint32", 4],
  13: ["uint64", 8],
  14: ["complex64", 0],
  15: ["complex128", 0],
  16: ["bfloat16", 2],
} as const;

/** The name of a type of elements. */
export type OnnxType = (typeof ONNX_TYPES)[keyof typeof ONNX_TYPES][0];

/** A tensor of a file. */
export interface OnnxTensor {
  /** Empty for a tensor that is an attribute. */
  readonly name: string;
  /** Outermost first; empty for a scalar. */
  readonly dims: readonly number[];
  /** "float", or the name of another type of elements. */
  readonly type: OnnxType;
  /** Row-major. Integers of 64 bits are rounded to 53. Empty while the data are in another file. */
  readonly data: Float32Array | Float64Array;
  /** Where the data are, if they are in another file. */
  readonly external?: OnnxExternal | undefined;
}

/** A range of another file in the folder of the model. */
export interface OnnxExternal {
  /** The path, relative to the model. */
  readonly location: string;
  /** The first byte. */
  readonly offset: number;
  /** Bytes; by default up to the end of the file. */
  readonly length?: number | undefined;
}

/** The value of an attribute; "graph" for a graph, which is not read. */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | OnnxTensor
  | { readonly graph: true };

/** A node of a graph. */
export interface OnnxNode {
  /** For errors; may be empty. */
  readonly name: string;
  /** "Conv". */
  readonly operator: string;
  /** The set of operators: empty for ONNX's own. */
  readonly domain: string;
  /** Names of tensors; empty for an optional one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** "float", or another type; undefined if the file does not say. */
  readonly type: OnnxType | undefined;
  /** A size, or the name of one that may vary; undefined if the file does not give the rank. */
  readonly dims: readonly (number | string)[] | undefined;
}

/** A model. */
export interface OnnxModel {
  readonly irVersion: number;
  /** Version of ONNX's own operators. */
  readonly opset: number;
  /** The program that wrote it: "pytorch 2.5.1". */
  readonly producer: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Each after those whose results it reads. */
  readonly nodes: readonly OnnxNode[];
  /** Weights and constants. */
  readonly initializers: readonly OnnxTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}
