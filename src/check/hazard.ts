// The type of the cases for what drivers are known to get wrong (hazards.ts).

import type { ExaminationScope } from "../gpu/avoided-kernels.js";
import type { Device } from "../gpu/device.js";

/** What a case found. */
export interface HazardFinding {
  /** Whether the adapter does what is expected; undefined if the case does not apply to it. */
  readonly passed: boolean | undefined;
  /** What was seen, in a few words with numbers. */
  readonly detail: string;
}

/** A case. */
export interface Hazard {
  readonly name: string;
  /** Whether Micrograph relies on it. If not, a failure is only noted. */
  readonly matters: boolean;
  /** The smallest examination that has the case. */
  readonly scope: ExaminationScope;
  run(device: Device, scope: ExaminationScope): Promise<HazardFinding>;
}
