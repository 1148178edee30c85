// What drivers are known to get wrong, each as a case of its own: small shaders whose results are
// known to the bit. Sources of the cases: docs/doctor.md.

import type { Hazard } from "./hazard.js";
import { arithmeticHazards } from "./hazards-arithmetic.js";
import { driverHazards } from "./hazards-driver.js";
import { memoryHazards } from "./hazards-memory.js";
import { timeHazards } from "./hazards-time.js";

/** The cases, those that need the least time first. */
export const HAZARDS: readonly Hazard[] = [
  ...arithmeticHazards,
  ...memoryHazards,
  ...driverHazards,
  ...timeHazards,
];
