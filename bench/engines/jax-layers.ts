// Single ops of jax-js, each compiled as one function. The function of a gradient leaves out what
// the gradient does not need.

import { isUpdate, type LayerCase, type OpCase } from "../layer-cases.js";
import { type Jax, type JaxArray, jaxLoss, maxPool, toJax, upConvolution } from "./jax-types.js";
import type { LayerRunner } from "./types.js";

/** Undefined for the updates, which are in another package than jax-js. */
export function jaxLayer(jax: Jax, layer: LayerCase): LayerRunner | undefined {
  if (isUpdate(layer)) return undefined;
  const inputs = layer.inputs.map(({ shape, values }) => toJax(jax, shape, values));
  const close = () => {
    for (const input of inputs) input.dispose();
  };
  if (layer.op === "loss") {
    const [logits, label, map] = layer.inputs;
    const loss = jaxLoss(jax, label.values, map.values, logits.shape.slice(2));
    const gradient = jax.jit(jax.grad(loss));
    return runnerOf(() => gradient(inputs[0].ref), close);
  }
  const compute = functionOf(jax, layer);
  if (layer.gradient) {
    const dy = toJax(jax, layer.gradient.dy.shape, layer.gradient.dy.values);
    inputs.push(dy);
  }
  return runnerOf(() => compute(...inputs.map((input) => input.ref)), close);
}

function runnerOf(compute: () => JaxArray, close: () => void): LayerRunner {
  return {
    async run() {
      const y = await compute().blockUntilReady();
      y.dispose();
    },
    result: () => compute().data(),
    close,
  };
}

type Compute = (...inputs: JaxArray[]) => JaxArray;

function functionOf(jax: Jax, { op, gradient }: OpCase): Compute {
  const forward: Compute = {
    convolution: (x: JaxArray, weight: JaxArray) =>
      jax.lax.convGeneralDilated(x, weight, [1, 1], "VALID"),
    "up-convolution": (x: JaxArray, weight: JaxArray) => upConvolution(jax, x, weight),
    "max-pool": (x: JaxArray) => maxPool(jax, x),
  }[op];
  if (!gradient) return jax.jit(forward);
  const product = (y: JaxArray, dy: JaxArray) => jax.numpy.sum(y.mul(dy));
  const pooled = (x: JaxArray, dy: JaxArray) => product(forward(x), dy);
  const byInput = (x: JaxArray, w: JaxArray, dy: JaxArray) => product(forward(x, w), dy);
  const byWeight = (w: JaxArray, x: JaxArray, dy: JaxArray) => product(forward(x, w), dy);
  if (op === "max-pool") return jax.jit(jax.grad(pooled));
  if (gradient.of === "input") return jax.jit(jax.grad(byInput));
  const dw = jax.grad(byWeight);
  return jax.jit((x: JaxArray, w: JaxArray, dy: JaxArray) => dw(w, x, dy));
}
