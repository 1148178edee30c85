import { constant } from "../../graph/tensor.js";

/** Bound if a node has no bias, mask or divisor, since a binding must have a buffer. Never read. */
export const ABSENT = constant("absent", [1], [0]);
