// What an examination goes through: the cases of a scope, each with its plans.

import type { ExaminationScope } from "../gpu/avoided-kernels.js";
import type { Device } from "../gpu/device.js";
import { f16Bindings } from "../gpu/dispatch-bindings.js";
import type { Capabilities } from "../graph/capabilities.js";
import { hasFewLanes } from "../ops/common/adapter.js";
import { type CheckedPlan, type Includes, opPlans, planCheck } from "./check-op.js";
import { checkUpdate, type UpdateCase } from "./check-update.js";
import { FEW_LANES_CASES, FIRST_CASES, NETWORK_CASES } from "./network-cases.js";
import type { KernelCase } from "./op-case.js";
import { UPDATE_CASES } from "./update-cases.js";

/** A case of any kind as functions that compile and run its plans. */
export interface Examinee {
  readonly name: string;
  readonly blames?: string | undefined;
  plans(device: Device, includes: Includes): AsyncGenerator<CheckedPlan>;
  /** Compiles the pipelines of its plans; its faults are those of `plans`. */
  compile?(device: Device, includes: Includes): Promise<void>;
}

/** The cases of a scope on an adapter. */
export async function examineesOf(
  scope: ExaminationScope,
  capabilities: Capabilities,
): Promise<Examinee[]> {
  if (scope === "quick") return FIRST_CASES.map(ofOp);
  const updates = UPDATE_CASES.map(ofUpdate);
  // Layers that exceed the largest texture run other kernels, which small cases would not get.
  const hasTextures = capabilities.kind === "cpu" && capabilities.textureSide > 0;
  const untextured = FIRST_CASES.filter(({ blames }) => hasTextures && blames === undefined);
  const network = [
    ...[...FIRST_CASES, ...NETWORK_CASES].map(ofOp),
    ...(hasFewLanes(capabilities) ? FEW_LANES_CASES.map(ofOp) : []),
    ...untextured.map(withoutTextures),
    ...(capabilities.f16 && capabilities.kind === "gpu"
      ? [...FIRST_CASES, ...NETWORK_CASES].map(withHalfFactors)
      : []),
  ];
  if (scope === "normal") return [...network, ...updates];
  const [{ GENERAL_CASES }, { GENERAL_UPDATE_CASES }] = await Promise.all([
    import("./general-cases.js"),
    import("./general-update-cases.js"),
  ]);
  const general = GENERAL_CASES.map(ofOp);
  return [...network, ...general, ...updates, ...GENERAL_UPDATE_CASES.map(ofUpdate)];
}

function ofOp(one: KernelCase): Examinee {
  return {
    name: one.name,
    blames: one.blames,
    plans: (...given) => opPlans(one)(...given),
    async compile(device, includes) {
      for (const { kernel, steps } of planCheck(one, device)) {
        if (!includes(kernel)) continue;
        const { pipelines } = device;
        await Promise.all(
          steps.map((step) => {
            const { shader, constants = {} } = step.dispatch;
            return pipelines.get(shader, constants, f16Bindings(step));
          }),
        );
      }
    },
  };
}

function ofUpdate(one: UpdateCase): Examinee {
  return {
    name: one.name,
    async *plans(device) {
      yield await checkUpdate(device, one);
    },
  };
}

function withoutTextures(one: KernelCase): Examinee {
  return variantOf(one, "without textures", { textureSide: 0 }, () => true);
}

/** The kernels with factors of 16 bits, which no plan of the other cases offers. */
function withHalfFactors(one: KernelCase): Examinee {
  const change = { halfFactors: { has: () => true } };
  const isHalf = (kernel: string | undefined) => kernel !== undefined && /-f16\b/.test(kernel);
  return variantOf(one, "factors of 16 bits", change, isHalf);
}

/** A case on an adapter with other capabilities, with the kernels of `only`. */
function variantOf(
  one: KernelCase,
  what: string,
  change: Partial<Capabilities>,
  only: Includes,
): Examinee {
  const { plans, compile } = ofOp(one);
  const as = (device: Device): Device => {
    return { ...device, capabilities: { ...device.capabilities, ...change } };
  };
  const both =
    (includes: Includes): Includes =>
    (kernel) =>
      only(kernel) && includes(kernel);
  return {
    name: `${one.name}, ${what}`,
    plans: (device, includes) => plans(as(device), both(includes)),
    compile: async (device, includes) => compile?.(as(device), both(includes)),
  };
}

/**
 * Begins to compile the pipelines of all cases in their order, so that a processor compiles while
 * others run what is compiled and compute references. Returns a function that stops it.
 */
export function compileAhead(
  device: Device,
  examinees: readonly Examinee[],
  includes: Includes,
): () => void {
  let isStopped = false;
  const compile = async () => {
    for (const examinee of examinees) {
      if (isStopped) return;
      // The examination finds the same fault, and reports it.
      await examinee.compile?.(device, includes).catch(() => {});
    }
  };
  void compile();
  return () => {
    isStopped = true;
  };
}
