// SGD and Adam with all settings: the ops of the built-in training if these have the settings, else those
// of l2-optimizers.ts.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import type { Node } from "../../graph/op.js";
import {
  adamL2,
  type GeneralAdamAttributes,
  type GeneralSgdAttributes,
  sgdL2,
} from "./l2-optimizers.js";
import { adam as plainAdam, sgd as plainSgd, type UpdateTensors } from "./optimizers.js";

const SGD: Keys<GeneralSgdAttributes> = { momentum: 1, decay: 1, l2: 1, nesterov: 1 };
const ADAM: Keys<GeneralAdamAttributes> = { beta1: 1, beta2: 1, epsilon: 1, decay: 1, l2: 1 };

/**
 * SGD with momentum: g = gradient + l2 p, v = momentum v + g, p = p - rate (v + decay p), or with
 * Nesterov's momentum p = p - rate (g + momentum v + decay p). One moment: the velocity. `decay` is
 * decoupled from the gradient, `l2` is PyTorch's weight_decay.
 */
export function sgd(tensors: UpdateTensors, attributes: GeneralSgdAttributes): Node {
  checkKeys("sgd", attributes, SGD);
  const { l2 = 0, nesterov = false, ...plain } = attributes;
  return l2 === 0 && !nesterov ? plainSgd(tensors, plain) : sgdL2(tensors, attributes);
}

/**
 * Adam (Kingma and Ba 2015). Two moments: the means of the gradient and of its square. `decay` is
 * decoupled from the gradient, as weight_decay of PyTorch's AdamW; `l2` is part of it, as weight_decay of
 * PyTorch's Adam.
 */
export function adam(tensors: UpdateTensors, attributes: GeneralAdamAttributes): Node {
  checkKeys("adam", attributes, ADAM);
  const { l2 = 0, ...plain } = attributes;
  return l2 === 0 ? plainAdam(tensors, plain) : adamL2(tensors, attributes);
}
