// What an examination goes through: the cases of a scope, each with its plans.

import type { ExaminationScope } from "../gpu/avoided-kernels.js";
import type { Device } from "../gpu/device.js";
import { f16Bindings, type PlannedDispatch } from "../gpu/dispatch-bindings.js";
import type { Capabilities } from "../graph/capabilities.js";
import { hasFewLanes } from "../ops/common/adapter.js";
import { type CheckedPlan, type Includes, opPlans, planCheck } from "./check-op.js";
import { checkUpdate, type UpdateCase } from "./check-update.js";
import { FEW_LANES_CASES, FIRST_CASES, NETWORK_CASES, PADDED_CASES } from "./network-cases.js";
import type { KernelCase } from "./op-case.js";
import { UPDATE_CASES } from "./update-cases.js";

/** A case of any kind as a function that compiles and runs its plans. */
export interface Examinee {
  readonly name: string;
  readonly blames?: string | undefined;
  plans(device: Device, includes: Includes): AsyncGenerator<CheckedPlan>;
  /** What its plans dispatch, if that is known before they run. */
  dispatches?(device: Device, includes: Includes): Iterable<PlannedDispatch>;
}

/** The cases of a scope on an adapter. */
export async function examineesOf(
  scope: ExaminationScope,
  { capabilities, gpu }: Device,
): Promise<Examinee[]> {
  if (scope === "quick") return FIRST_CASES.map(ofOp);
  const updates = UPDATE_CASES.map(ofUpdate);
  const isMore = capabilities.kind === "cpu" && mayExceedTextures(capabilities, gpu.limits);
  const untextured = FIRST_CASES.filter(({ blames }) => isMore && blames === undefined);
  const network = [
    ...[...FIRST_CASES, ...NETWORK_CASES].map(ofOp),
    ...(hasFewLanes(capabilities) ? FEW_LANES_CASES.map(ofOp) : []),
    ...untextured.map(withoutTextures),
    ...(capabilities.f16 && capabilities.kind === "gpu"
      ? [...FIRST_CASES, ...NETWORK_CASES].map(withHalfFactors)
      : []),
  ];
  if (scope === "normal") return [...network, ...PADDED_CASES.map(withFirstChoices), ...updates];
  const [{ GENERAL_CASES }, { GENERAL_UPDATE_CASES }] = await Promise.all([
    import("./general-cases.js"),
    import("./general-update-cases.js"),
  ]);
  const general = GENERAL_CASES.map(ofOp);
  return [
    ...network,
    ...PADDED_CASES.map(ofOp),
    ...general,
    ...updates,
    ...GENERAL_UPDATE_CASES.map(ofUpdate),
  ];
}

/** Rows of a texture from which a tensor is folded are at least this many (layout.ts). */
const LEAST_FOLDED_ROWS = 4096;
const TEXEL_BYTES = 16;

/**
 * Whether a tensor that can be bound may exceed the largest texture: its layer then runs kernels which
 * small cases would not get.
 */
function mayExceedTextures({ textureSide }: Capabilities, limits: GPUSupportedLimits): boolean {
  const bytes = textureSide * LEAST_FOLDED_ROWS * TEXEL_BYTES;
  return textureSide > 0 && limits.maxStorageBufferBindingSize > bytes;
}

function ofOp(one: KernelCase): Examinee {
  return {
    name: one.name,
    blames: one.blames,
    plans: (...given) => opPlans(one)(...given),
    *dispatches(device, includes) {
      for (const { kernel, steps } of planCheck(one, device)) if (includes(kernel)) yield* steps;
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

function withFirstChoices(one: KernelCase): Examinee {
  return variantOf(one, "first choices", {}, (kernel) => kernel === undefined);
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
  const { plans, dispatches } = ofOp(one);
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
    dispatches: (device, includes) => dispatches?.(as(device), both(includes)) ?? [],
  };
}

/** Pipelines that are compiled at a time: drivers that can use several cores. */
const AT_A_TIME = 4;

/**
 * Begins to compile the pipelines of all cases in their order, so that processors compile while
 * others run what is compiled and compute references. Returns a function that stops it.
 */
export function compileAhead(
  device: Device,
  examinees: readonly Examinee[],
  includes: Includes,
): () => void {
  let isStopped = false;
  function* all() {
    for (const { dispatches } of examinees) yield* dispatches?.(device, includes) ?? [];
  }
  const steps = all();
  const compile = async () => {
    for (const step of steps) {
      if (isStopped) return;
      const { shader, constants = {} } = step.dispatch;
      // The examination finds the same fault, and reports it.
      await device.pipelines.get(shader, constants, f16Bindings(step)).catch(() => {});
    }
  };
  for (let i = 0; i < AT_A_TIME; i++) void compile().catch(() => {});
  return () => {
    isStopped = true;
  };
}
