// Chains of formulas in one dispatch: the formula of a tensor that only another formula reads is
// written into the latter. The elementwise ops of the networks take part as formulas.

import type { Node, Op } from "../../graph/op.js";
import { addOp } from "../elementwise/add.js";
import { reluOp } from "../elementwise/relu.js";
import { scaleOp } from "../elementwise/scale.js";
import { sameView, viewsOf } from "./broadcast.js";
import { MOST_INPUTS, usedInputs } from "./formula-dispatch.js";
import { PLACE, renamed, uses } from "./formula-text.js";
import type { FormulaAttributes } from "./formula-types.js";

/** Formulas that one kernel computes: longer ones need more registers than adapters have. */
const MOST_LETS = 32;

/**
 * Returns a node that computes `maker` and its only reader; undefined if that needs more bindings,
 * or if the reader reads the tensor at other places than its own.
 */
export function fuseFormulas(
  op: Op<FormulaAttributes>,
  maker: Node,
  reader: Node,
): Node<FormulaAttributes> | undefined {
  const [first, second] = [maker, reader].map((node) =>
    node.op === (op as Op) ? (node.attributes as FormulaAttributes) : asFormula(node),
  );
  if (!first || !second || maker.mask || reader.mask) return undefined;
  if (first.lets.length + second.lets.length >= MOST_LETS) return undefined;
  const at = reader.inputs.indexOf(maker.outputs[0]);
  const name = second.names[at];
  const { views } = second;
  const isInPlace =
    sameView(views.inputs[at], views.full) &&
    sameView(first.views.full, views.full) &&
    first.layout === second.layout;
  const readsAround = [second.value, ...second.lets.map(([, text]) => text)].some((text) =>
    uses(text, `at_${name}`),
  );
  const functions = joinedFunctions(first.functions, second);
  if (!isInPlace || readsAround || functions === undefined) return undefined;
  const inputs = reader.inputs.map((tensor, i) => {
    return { tensor, name: second.names[i], view: views.inputs[i] };
  });
  inputs.splice(at, 1);
  const taken = new Set([...namesIn(second), ...declared(functions), ...PLACE]);
  const names = new Map<string, string>();
  for (const [i, old] of first.names.entries()) {
    const [tensor, view] = [maker.inputs[i], first.views.inputs[i]];
    const known = inputs.find((one) => one.tensor === tensor && sameView(one.view, view));
    const fresh = known?.name ?? freeName(old, taken);
    if (!known) inputs.push({ tensor, name: fresh, view });
    names.set(old, fresh);
  }
  const own = [...Object.keys(first.numbers), ...first.lets.map(([old]) => old)];
  for (const old of own) names.set(old, freeName(old, taken));
  const inner = (wgsl: string) => renamed(wgsl, names);
  const numbers = Object.entries(first.numbers).map(([old, value]) => [inner(old), value]);
  const attributes: FormulaAttributes = {
    ...second,
    names: inputs.map((one) => one.name),
    views: { inputs: inputs.map(({ view }) => view), full: views.full },
    lets: [
      ...first.lets.map(([old, wgsl]) => [inner(old), inner(wgsl)] as const),
      [name, inner(first.value)],
      ...second.lets,
    ],
    functions,
    numbers: { ...second.numbers, ...Object.fromEntries(numbers) },
  };
  const tensors = inputs.map(({ tensor }) => tensor);
  if (usedInputs(attributes, attributes.layout, tensors).length > MOST_INPUTS) return undefined;
  const { name: label, outputs, after } = reader;
  return { name: label, op, attributes, inputs: tensors, outputs, after };
}

/** The formula of an elementwise op; undefined for other ops. */
function asFormula(node: Node): FormulaAttributes | undefined {
  if (!ELEMENTWISE.includes(node.op)) return undefined;
  const [{ shape, layout }] = node.outputs;
  const of = (
    names: readonly string[],
    value: string,
    numbers: Readonly<Record<string, number>> = {},
  ): FormulaAttributes => ({
    ...{ names, value, numbers, shape, layout, lets: [], functions: "", reach: 0 },
    views: viewsOf(
      node.name,
      names.map(() => shape),
      shape,
    ),
  });
  if (node.op === addOp) return of(["a", "b"], "a + b");
  if (node.op === reluOp) return of(["x"], "max(x, 0.0)");
  return of(["x"], "factor * x", node.attributes as Record<string, number>);
}

const ELEMENTWISE: readonly unknown[] = [addOp, reluOp, scaleOp];

function namesIn({ names, numbers, lets }: FormulaAttributes): string[] {
  return [...names, ...Object.keys(numbers), ...lets.map(([name]) => name)];
}

/** Returns x, or x_2, x_3 if it is taken. */
function freeName(wanted: string, taken: Set<string>): string {
  const stem = wanted.replace(/_\d+$/, "");
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${stem}_${i}`;
  taken.add(name);
  return name;
}

/** The names of the functions in a text. */
const declared = (functions: string) =>
  [...functions.matchAll(/\bfn\s+(\w+)/g)].map(([, name]) => name);

/**
 * Returns the functions of both formulas, each once; undefined if two have the same name, or a name
 * of the second formula hides one of the first, or they read inputs, whose names change.
 */
function joinedFunctions(first: string, second: FormulaAttributes): string | undefined {
  if (/\bat_/.test(first + second.functions)) return undefined;
  const parts = new Set([first, second.functions].flatMap((text) => text.split(/^(?=fn\b)/m)));
  const functions = [...parts].join("");
  const names = declared(functions);
  const hidden = namesIn(second);
  const isUnique = new Set(names).size === names.length;
  return isUnique && !names.some((name) => hidden.includes(name)) ? functions : undefined;
}
