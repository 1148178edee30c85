// The dispatch of a formula: how each input is loaded, and the sizes.

import { type Dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { BLOCK, imageSizes } from "../../graph/layout.js";
import { elementCount, type Layout, type Shape, type Tensor } from "../../graph/tensor.js";
import { shader } from "../../shaders/shader.js";
import { ELEMENTWISE_LANES, groupCount } from "../common/per-group.js";
import { isSingle, sameView } from "./broadcast.js";
import {
  type Form,
  type FormulaCode,
  formulaText,
  hasPlace,
  type Load,
  PLACE,
  type Source,
  uses,
} from "./formula-text.js";
import type { FormulaAttributes } from "./formula-types.js";

/** The largest number of channels that an invocation computes: its place is found only once. */
const MOST_CHANNELS = 8;

/** Invocations that keep an adapter busy. */
const MANY = 16_384;

/** The beginning of a formula, in the names of shaders. */
const SHOWN = 60;

/** Inputs that a kernel can bind: WebGPU guarantees 8 buffers, and one is the result. */
export const MOST_INPUTS = 7;

/** Returns the dispatch that computes `y`. */
export function formulaDispatch(
  inputs: readonly Tensor[],
  y: Tensor,
  attributes: FormulaAttributes,
): Dispatch {
  const { views, numbers, value } = attributes;
  const used = usedInputs(attributes, y.layout, inputs);
  const place = PLACE.filter((name) => uses(wgslOf(attributes), name));
  const sources = used.map(({ source }) => source);
  const isFlat =
    place.length === 0 &&
    sources.every(({ load, hasAt }) => !hasAt && (load === "same" || load === "one"));
  const form = isFlat ? "flat" : y.layout;
  const code: FormulaCode = { ...attributes, form, sources, place, numbers: Object.keys(numbers) };
  const { sizes, items } = sizesOf(form, y, views.full);
  const uniforms: Record<string, number> = { ...sizes };
  for (const { source, tensor, view } of used) {
    if (hasPlace(source)) Object.assign(uniforms, placeUniforms(source, tensor, view));
  }
  for (const [i, number] of Object.values(numbers).entries()) uniforms[`number${i}`] = number;
  const line = value.replace(/\s+/g, " ");
  const name = `expression ${line.length > SHOWN ? `${line.slice(0, SHOWN)}...` : line}`;
  return {
    shader: shader(name, formulaText(code)),
    bindings: [...used.map(({ tensor }) => tensor), y],
    uniforms,
    workgroups: workgroupsFor(items, ELEMENTWISE_LANES),
  };
}

/** All WGSL of the formula. */
function wgslOf({ lets, value, functions }: FormulaAttributes): string {
  return [...lets.map(([, formula]) => formula), value, functions].join("\n");
}

/** Returns the inputs that the formula uses, with how each is loaded. */
export function usedInputs(
  attributes: FormulaAttributes,
  layout: Layout,
  inputs: readonly Tensor[],
) {
  const { names, views } = attributes;
  const wgsl = wgslOf(attributes);
  const found: { source: Source; tensor: Tensor; view: Shape }[] = [];
  for (const [i, name] of names.entries()) {
    const [tensor, view] = [inputs[i], views.inputs[i]];
    const hasAt = uses(wgsl, `at_${name}`);
    const load = uses(wgsl, name) ? loadOf(tensor, view, views.full, layout) : undefined;
    if (!load && !hasAt) continue;
    const isImage = tensor.layout === "image";
    found.push({ source: { name, index: found.length, load, isImage, hasAt }, tensor, view });
  }
  return found;
}

function loadOf(tensor: Tensor, view: Shape, full: Shape, layout: Layout): Load {
  if (isSingle(view)) return "one";
  if (tensor.layout === layout && sameView(view, full)) return "same";
  if (view[3] === 1 && full[3] > 1) return "splat";
  return layout === "image" && tensor.layout === "image" ? "group" : "each";
}

/** Returns the strides of an input in floats, 0 along repeated axes, and its sizes. */
function placeUniforms({ index, isImage, hasAt }: Source, tensor: Tensor, [n, c, y, x]: Shape) {
  const blocks = Math.ceil(x / BLOCK);
  const [ofN, ofC, ofY] = isImage
    ? [y * blocks * c * BLOCK, BLOCK, blocks * c * BLOCK]
    : [c * y * x, y * x, x];
  return {
    [`n${index}`]: n > 1 ? ofN : 0,
    [`c${index}`]: c > 1 ? ofC : 0,
    [`y${index}`]: y > 1 ? ofY : 0,
    ...(isImage && { [`b${index}`]: imageSizes(tensor).c * BLOCK }),
    ...(hasAt && {
      [`size${index}n`]: n,
      [`size${index}c`]: c,
      [`size${index}y`]: y,
      [`size${index}x`]: x,
    }),
  };
}

/** Returns the uniforms of a kernel, and the number of its invocations. */
function sizesOf(
  form: Form,
  y: Tensor,
  [n, channels, height, width]: Shape,
): { sizes: Readonly<Record<string, number>>; items: number } {
  if (form === "dense") {
    const items = elementCount(y.shape);
    return { sizes: { items, channels, height, width }, items };
  }
  const blocks = Math.ceil(width / BLOCK);
  if (form === "flat") {
    const groups = groupCount(y);
    // A dense tensor has no padding: whole groups.
    const across = y.layout === "dense" ? 4 : width;
    return { sizes: { groups, channels, blocks, width: across }, items: groups };
  }
  const invocations = n * height * blocks * 8;
  const each = Math.max(
    1,
    Math.min(MOST_CHANNELS, channels, Math.floor((invocations * channels) / MANY)),
  );
  const chunks = Math.ceil(channels / each);
  const items = invocations * chunks;
  return { sizes: { items, each, chunks, channels, height, width, blocks }, items };
}
