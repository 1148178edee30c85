// `tune` with a smaller budget.

import { tune as whole } from "../../../src/gpu/tune.js";
import { shortSteps } from "./options.js";

export * from "../../../src/gpu/tune.js";

export const tune: typeof whole = (device, plans, options) =>
  whole(device, plans, { ...options, budgetMs: 100 * shortSteps(import.meta.url) });
