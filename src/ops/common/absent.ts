import { constant } from "../../graph/tensor.js";

/** Bound where a node has no bias, mask or divisor: a binding must have a buffer. Never read. */
export const ABSENT = constant("absent", [1], [0]);
