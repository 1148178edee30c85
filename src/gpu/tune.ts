// The tuner: times the kernels that an op offers for a layer, with the layer's own shapes, and
// stores the fastest in the device's table of choices. Only kernels that agree with the reference
// kernel on this adapter compete. Choices change the bits of a result, so they are made before a
// run, never during one.

import { checkKeys, type Keys } from "../arguments/keys.js";
import type { Tensor } from "../graph/tensor.js";
import { FINE_MS } from "./clock.js";
import type { Device } from "./device.js";
import { compilePlan } from "./plan.js";
import type { PlanSpec } from "./plan-spec.js";
import { capabilitiesFor } from "./planned-dispatches.js";
import { surviving } from "./survive.js";
import { groupGraph, keyAmong, type TunableGroup, tunableGroups } from "./tunable-groups.js";
import { checkCandidates, type Runner, randomInputs } from "./tune-check.js";

/** One kernel of a layer. */
export interface Candidate {
  /** Name of the kernel. */
  readonly kernel: string;
  /** Milliseconds of the layer, including copies into textures and a separate mask pass. */
  readonly ms: number | undefined;
  /** Why it was dropped: it does not compile, does not fit, or its answer is off. */
  readonly dropped: string | undefined;
}

/** What the tuner found for one kind of layer. */
export interface TunedLayer {
  /** `layerKey` of the nodes. */
  readonly key: string;
  /** The first node with this key, and the number of such nodes. */
  readonly node: string;
  /** Number of nodes that have it. */
  readonly count: number;
  /** Shapes of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  /** Multiply-adds of one node, by the direct method. */
  readonly multiplyAdds: number;
  /** The kernels that were tried. */
  readonly candidates: readonly Candidate[];
  /** The kernel that runs without tuning. */
  readonly default: string;
  /** The fastest kernel whose answers agree. */
  readonly winner: string;
}

/** How long the tuner may take, and what it reports. */
export interface TuneOptions {
  /**
   * Milliseconds after which no further layer is started; the remaining ones keep their default. By
   * default 12 s on a software adapter, 2.5 s on a GPU.
   */
  readonly budgetMs?: number | undefined;
  /** Whether layers that have a choice already are timed again (true) or left as they are. */
  readonly again?: boolean | undefined;
  /** Called after each layer with the number of layers done, and how many there are at most. */
  readonly onLayer?: ((layer: TunedLayer, done: number, total: number) => void) | undefined;
}

const OPTIONS: Keys<TuneOptions> = { budgetMs: 1, again: 1, onLayer: 1 };

/** What the tuner found. */
export interface TuneResult {
  /** One for each kind of layer that was reached. */
  readonly layers: readonly TunedLayer[];
  /** Layers that the budget did not reach. */
  readonly leftOut: number;
  /** Milliseconds that it took. */
  readonly elapsedMs: number;
}

/** Runs of each kernel. */
const REPEATS = 5;
/** A kernel is given up after this many runs if it takes this many times the best time. */
const HOPELESS: readonly (readonly [number, number])[] = [
  [1, 4],
  [2, 2],
];
/** A kernel replaces the default only if it is faster by this factor: less is noise. */
const WORTHWHILE = 0.98;

/**
 * Tunes the layers of the plans, plan by plan, the largest layers first, and sets `device.choices`.
 * Throws if the device fails, but not if a kernel does. If the device is lost, it is renewed and the layer
 * tuned again, without a kernel that was running at two losses.
 */
export async function tune(
  device: Device,
  specs: readonly PlanSpec[],
  options: TuneOptions = {},
): Promise<TuneResult> {
  checkKeys("tune", options, OPTIONS);
  const startedMs = performance.now();
  const elapsed = () => performance.now() - startedMs;
  const budgetMs = options.budgetMs ?? (device.capabilities.kind === "cpu" ? 12_000 : 2_500);
  const all = specs.flatMap((spec) => tunableGroups(spec, capabilitiesFor(device, spec)));
  const wanted = new Map<string, TunableGroup>();
  for (const layer of all) {
    const isKnown = device.choices.has(layer.key) && options.again === false;
    if (!isKnown && !wanted.has(layer.key)) wanted.set(layer.key, layer);
  }
  const layers: TunedLayer[] = [];
  for (const layer of wanted.values()) {
    if (elapsed() > budgetMs) break;
    const suspect = createSuspect();
    const tuned = await surviving(device, ({ loss, progressed }) => {
      if (loss && suspect.accuse()) progressed();
      return tuneLayer(device, layer, suspect);
    });
    layers.push(tuned);
    device.choices.set(layer.key, tuned.winner);
    options.onLayer?.(tuned, layers.length, wanted.size);
  }
  // If the winner cannot fuse the mask, the layer runs without it and has another key.
  for (const { key, winner } of layers) {
    const { node, offered } = wanted.get(key) as TunableGroup;
    const plain = keyAmong({ ...node, mask: undefined }, offered);
    if (!device.choices.has(plain)) device.choices.set(plain, winner);
  }
  return { layers, leftOut: wanted.size - layers.length, elapsedMs: elapsed() };
}

/** Finds the kernel that a driver does not survive. */
interface Suspect {
  /** Kernels that are not run again, with the reason. */
  readonly dropped: ReadonlyMap<string, string>;
  /** The kernel that runs now. */
  running: string | undefined;
  /** Notes that the GPU was lost; returns whether a kernel is dropped for it. */
  accuse(): boolean;
}

function createSuspect(): Suspect {
  const dropped = new Map<string, string>();
  const losses = new Map<string, number>();
  const suspect: Suspect = {
    dropped,
    running: undefined,
    accuse() {
      const { running } = suspect;
      suspect.running = undefined;
      if (running === undefined) return false;
      const count = (losses.get(running) ?? 0) + 1;
      losses.set(running, count);
      // Once may be chance: a computer that sleeps.
      if (count > 1) dropped.set(running, "the GPU was lost twice while it ran");
      return count > 1;
    },
  };
  return suspect;
}

async function tuneLayer(
  device: Device,
  layer: TunableGroup,
  suspect: Suspect,
): Promise<TunedLayer> {
  const dropped = new Map(suspect.dropped);
  const onRun = (kernel: string) => {
    suspect.running = kernel;
  };
  const { inputs, outputs } = groupGraph(layer);
  const runners = await compileCandidates(device, layer, outputs, dropped);
  try {
    const values = randomInputs(inputs);
    const correct = await checkCandidates(layer, runners, values, { outputs, dropped, onRun });
    const resolutionMs = await race(correct, onRun);
    const estimate = ({ times }: Runner) =>
      resolutionMs > FINE_MS
        ? times.reduce((sum, ms) => sum + ms, 0) / times.length
        : Math.min(...times);
    const ms = new Map(correct.map((runner) => [runner.kernel.name, estimate(runner)]));
    const offered = layer.offered.map(({ name }) => name);
    return {
      key: layer.key,
      node: layer.node.name,
      count: layer.count,
      shapes: layer.node.inputs.map(({ shape }) => shape),
      multiplyAdds: layer.multiplyAdds,
      candidates: offered.map((kernel) => ({
        kernel,
        ms: ms.get(kernel),
        dropped: dropped.get(kernel),
      })),
      default: offered[0],
      winner: winnerOf(offered, ms),
    };
  } finally {
    for (const { plan } of runners) plan.close();
    device.checkOpen();
  }
}

/**
 * Returns the fastest kernel, or the default (the first) if the gain is small or nothing was timed.
 */
function winnerOf(offered: readonly string[], ms: ReadonlyMap<string, number>): string {
  const timed = offered.filter((kernel) => ms.has(kernel));
  const msOf = (kernel: string) => ms.get(kernel) as number;
  return timed.reduce(
    (best, kernel) => (msOf(kernel) < msOf(best) * WORTHWHILE ? kernel : best),
    timed[0] ?? offered[0],
  );
}

async function compileCandidates(
  device: Device,
  { node, offered }: TunableGroup,
  outputs: readonly Tensor[],
  dropped: Map<string, string>,
): Promise<Runner[]> {
  const compiled = offered.map(async (kernel): Promise<Runner | undefined> => {
    if (dropped.has(kernel.name)) return undefined;
    try {
      const plan = await compilePlan(device, {
        name: `${node.name}, kernel ${kernel.name}`,
        outputs,
        halfFactors: kernel.hasHalfFactors,
        choose: ({ op }, names) => (op === node.op ? kernel.name : names[0]),
      });
      return { kernel, plan, times: [] };
    } catch (error) {
      dropped.set(kernel.name, (error as Error).message);
      return undefined;
    }
  });
  const runners = (await Promise.all(compiled)).filter((runner) => runner !== undefined);
  device.checkOpen(); // a lost device is not the fault of a kernel that did not compile
  return runners;
}

/**
 * Times the candidates alternately, so that other work on the machine affects all of them alike.
 */
async function race(runners: readonly Runner[], onRun: (kernel: string) => void): Promise<number> {
  let resolution = 0;
  let best = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const runner of runners) {
      const { plan, times } = runner;
      const isHopeless = HOPELESS.some(
        ([runs, factor]) => times.length >= runs && Math.min(...times) > factor * best,
      );
      // The default is never given up: a choice against it must not result from a few unlucky runs.
      if (isHopeless && runner !== runners[0]) continue;
      onRun(runner.kernel.name);
      const { dispatches, resolutionMs } = await plan.runTimed();
      const ms = dispatches.reduce((sum, time) => sum + time.ms + time.copyMs, 0);
      times.push(ms);
      best = Math.min(best, ms);
      resolution = Math.max(resolution, resolutionMs);
    }
  }
  return resolution;
}
