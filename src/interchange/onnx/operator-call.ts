// What an operator of ONNX reads: attributes, tensors of a graph, and values that are known before it runs.

import type { Tensor } from "../../graph/tensor.js";
import type { Dropout } from "../../model/model.js";

/** A tensor whose values are known. */
export interface Known {
  /** Outermost dimension first; empty for a scalar. */
  readonly dims: readonly number[];
  /** Row-major. */
  readonly values: readonly number[];
}

/** Thrown for what the engine does not do, with the reason. */
export class Unsupported extends Error {}

/** A node with its inputs. */
export interface Call {
  /** "Conv". */
  readonly operator: string;
  /** The number of outputs. */
  readonly outputs: number;
  readonly opset: number;
  /** Whether an input is there. */
  has(i: number): boolean;
  /** The number of inputs. */
  readonly count: number;
  /** An input as a tensor: of rank 4 an image, else dense. */
  tensor(i: number): Tensor;
  /** The same, always dense. */
  dense(i: number): Tensor;
  /** An input that must be known before the network runs, with its shape. */
  known(i: number): Known;
  /** Values of an input that shapes depend on. */
  values(i: number): number[];
  number(name: string, usual: number): number;
  word(name: string, usual: string): string;
  list(name: string): readonly number[] | undefined;
  /** While it is trained, batch norms too. */
  readonly training?: Pick<Dropout, "updates"> | undefined;
}

/** Builds the outputs of a node. Throws `Unsupported` with the reason for what is not there. */
export type Operator = (call: Call) => Tensor | readonly Tensor[];

/** Returns the attributes of a node as a call reads them. */
export function attributesOf(
  attributes: Readonly<Record<string, unknown>>,
): Pick<Call, "number" | "word" | "list"> {
  const attribute = <T>(name: string, isRight: (value: unknown) => boolean): T | undefined => {
    const value = attributes[name];
    if (value === undefined || isRight(value)) return value as T | undefined;
    throw new Unsupported(`attribute ${name}`);
  };
  return {
    number: (name, usual) => attribute<number>(name, (v) => typeof v === "number") ?? usual,
    word: (name, usual) => attribute<string>(name, (v) => typeof v === "string") ?? usual,
    list: (name) => attribute<readonly number[]>(name, Array.isArray),
  };
}
