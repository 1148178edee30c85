// Formulas of the engine that are operators of ONNX. A formula is recognised by its text, which is that of the
// function that made it.

import type { Node } from "../../graph/op.js";
import { input, type Tensor } from "../../graph/tensor.js";
import * as ops from "../../operations.js";
import type { NodeWriter } from "./node-writer.js";

/** A formula, and what writes it: the names of its inputs and its numbers give the name of its result. */
interface FormulaWriter {
  readonly example: Tensor;
  write(
    w: NodeWriter,
    inputs: readonly string[],
    numbers: Readonly<Record<string, number>>,
  ): string;
}

interface Formula {
  readonly value: string;
  readonly functions?: string | undefined;
  readonly numbers: Readonly<Record<string, number>>;
}

const textOf = ({ value, functions = "" }: Formula) => `${functions}${value}`;

/** The formulas, made for this call: tensors are no constants of a module. */
function formulaWriters(): FormulaWriter[] {
  const [x, y] = [input("x", [1, 1, 2, 2]), input("y", [1, 1, 2, 2])];
  const plain = (operator: string, example: Tensor): FormulaWriter => ({
    example,
    write: (w, inputs) => w.add(operator, inputs),
  });
  const withNumber = (operator: string, example: Tensor, number: string): FormulaWriter => ({
    example,
    write: (w, inputs, numbers) => w.add(operator, inputs, { alpha: numbers[number] }),
  });
  return [
    withNumber("LeakyRelu", ops.leakyRelu(x), "slope"),
    withNumber("Elu", ops.elu(x), "alpha"),
    plain("Sigmoid", ops.sigmoid(x)),
    plain("Tanh", ops.tanh(x)),
    plain("Exp", ops.exp(x)),
    plain("Sqrt", ops.sqrt(x)),
    plain("Abs", ops.abs(x)),
    plain("Neg", ops.neg(x)),
    plain("Sub", ops.sub(x, y)),
    plain("Mul", ops.mul(x, y)),
    plain("Div", ops.div(x, y)),
    { example: ops.silu(x), write: (w, [a]) => w.add("Mul", [a, w.add("Sigmoid", [a])]) },
  ];
}

/** Writes a formula. Throws for one that has no form in ONNX here, and names it. */
export function writeFormula(node: Node, names: (tensor: Tensor) => string, w: NodeWriter): string {
  const formula = node.attributes as unknown as Formula;
  const found = formulaWriters().find(({ example }) => {
    return textOf(example.node?.attributes as unknown as Formula) === textOf(formula);
  });
  if (found) return found.write(w, node.inputs.map(names), formula.numbers);
  throw new Error(`${node.name}: the formula ${formula.value} is not written`);
}
