// The op of formulas: WGSL expressions of the inputs' names, computed element by element. Its
// kernels are generated (formula-text.ts). `expression` is the function for it.

import { apply, type Node, type Op, type Rows } from "../../graph/op.js";
import { ShapeError, type Tensor } from "../../graph/tensor.js";
import { isSingle } from "./broadcast.js";
import { formulaDispatch, MOST_INPUTS, usedInputs } from "./formula-dispatch.js";
import { fuseFormulas } from "./formula-fusion.js";
import type { FormulaAttributes } from "./formula-types.js";

/** Creates a node of the op. The attributes must fit the inputs: `expression` checks them. */
export function formula(
  inputs: readonly Tensor[],
  attributes: FormulaAttributes,
  name: string = attributes.value,
): Tensor {
  return apply(formulaOp, inputs, attributes, name.replace(/\s+/g, " "))[0];
}

export const formulaOp: Op<FormulaAttributes> = {
  name: "expression",
  outputs(inputs, attributes) {
    const { shape, layout, value } = attributes;
    const used = usedInputs(attributes, layout, inputs).length;
    if (used > MOST_INPUTS) {
      throw new ShapeError(
        `expression ${value}: it has ${used} inputs, but a kernel can bind ${MOST_INPUTS}: split it`,
      );
    }
    return [{ shape, layout }];
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const { gradientOf } = node.attributes;
    if (gradientOf) return gradientOf(node, dy);
    throw new ShapeError(`${node.name} has no gradient: give its expression a \`gradient\``);
  },
  checkValues: (node, valuesOf) => node.attributes.checkValues?.(node, valuesOf),
  receptiveField({ inputs, attributes: { views, reach }, name }, [first, last]) {
    if (reach === undefined) {
      throw new Error(
        `${name}: how far its formula reads by at_ is unknown: give its expression a \`reach\``,
      );
    }
    return inputs.map((tensor, i): readonly [Tensor, Rows] => {
      const isRepeated = views.inputs[i][2] === 1 && views.full[2] > 1;
      const isRow = tensor.layout === "dense" || isSingle(views.inputs[i]) || isRepeated;
      return [tensor, isRow ? [0, 0] : [first - reach, last + reach]];
    });
  },
  words: ({ name }) => name,
  fuseInto: (node, reader) => fuseFormulas(formulaOp, node as Node, reader),
  fuseFrom: (maker, node) => fuseFormulas(formulaOp, maker, node as Node),
  kernels: [
    {
      name: "expression",
      dispatches: (node) => [formulaDispatch(node.inputs, node.outputs[0], node.attributes)],
    },
  ],
};
