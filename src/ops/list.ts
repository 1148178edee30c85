// All ops in one list. Whatever imports this loads all of them.

import type { Op } from "../graph/op.js";
import * as all from "./index.js";

/** Every op of the package. */
// biome-ignore lint/suspicious/noExplicitAny: ops differ in their attributes
export const ops: readonly Op<any>[] = Object.values(all).filter(
  (one) => typeof one === "object" && "kernels" in one,
);
