// Bounds the time of a dispatch and of a submit. Windows resets a driver whose GPU neither ends nor
// interrupts a task within two seconds, and a page cannot draw meanwhile; some drivers interrupt between
// dispatches, some only between submits. So the largest dispatches of a plan are timed on a few of their
// workgroups before the plan runs, those that would take too long are cut into several (slice-dispatch.ts), and
// a run of more than half a second is submitted in several. Loaded only for plans with much work.

import type { finish } from "../graph/pausable.js";
import type { Tensor } from "../graph/tensor.js";
import type { Memory } from "./allocate.js";
import type { Command, createCommands, encode } from "./commands.js";
import type { Device } from "./device.js";
import type { boundBy, f16Bindings } from "./dispatch-bindings.js";
import type { costOf } from "./parts.js";
import type { PlanSpec } from "./plan-spec.js";
import { type Grid, sliceDispatch } from "./slice-dispatch.js";

/** Passed in, so that this module is a separate chunk without imports. */
interface Engine {
  readonly finish: typeof finish;
  readonly createCommands: typeof createCommands;
  readonly encode: typeof encode;
  readonly boundBy: typeof boundBy;
  readonly f16Bindings: typeof f16Bindings;
  readonly costOf: typeof costOf;
  /** The cost from which a dispatch is timed. */
  readonly large: number;
}

/** The longest dispatch, in seconds, and how much of that an estimate may take up. */
const LONGEST = { gpu: 0.1, cpu: 0.5 };
const MARGIN = 0.5;

/** Seconds of a submit on a GPU. Software has no watchdog. */
const SUBMIT = 0.5;

/** Seconds that are long enough to be measured among the delays of a submit. */
const ENOUGH = { gpu: 0.005, cpu: 0.02 };

/** What takes longer, in seconds, is timed only once. */
const REPEATED = 0.25;

/** Commands of a run that respect the bounds. */
export interface BoundedCommands {
  readonly commands: readonly Command[];
  /** In how many submits they run. */
  readonly submits: number;
}

/** What a plan is made of. */
interface Made {
  readonly spec: PlanSpec;
  readonly memory: Memory;
  readonly commands: readonly Command[];
  readonly engine: Engine;
}

/**
 * Measures the commands with much work and cuts the long ones. Resolves with the same commands if
 * none is long.
 */
export async function boundTimes(device: Device, made: Made): Promise<BoundedCommands> {
  const seconds = device.slicesOf ? [] : await estimate(device, made);
  const { kind } = device.capabilities;
  const countOf = (command: Command, i: number) =>
    device.slicesOf?.(command.step.dispatch) ??
    Math.ceil((seconds[i] ?? 0) / (LONGEST[kind] * MARGIN));
  const commands: Command[] = [];
  for (const [i, command] of made.commands.entries()) {
    const count = countOf(command, i);
    if (count > 1) commands.push(...(await cut(device, made, command, count)));
    else commands.push(command);
  }
  const total = seconds.reduce((sum, one) => sum + one, 0);
  return { commands, submits: kind === "gpu" ? Math.max(1, Math.ceil(total / SUBMIT)) : 1 };
}

/** The commands that do the work of one. */
async function cut(
  device: Device,
  { spec, memory, engine }: Made,
  command: Command,
  count: number,
): Promise<Command[]> {
  const { step, copies } = command;
  const parts = sliceDispatch(step.dispatch, count);
  if (parts.length === 1) return [command];
  const [{ dispatch }] = parts;
  const { shader, constants = {} } = dispatch;
  const pipeline = await device.pipelines.get(shader, constants, engine.f16Bindings({ dispatch }));
  const steps = parts.map((part) => ({ ...step, ...part, pipeline }));
  const { value, refused } = device.guard(`plan ${spec.name}`, () =>
    engine.finish(engine.createCommands(device.gpu, `${step.node.name} in slices`, steps, memory)),
  );
  const error = await refused;
  if (error) throw error;
  return value.map((one, i) => ({ ...one, copies: i === 0 ? copies : [] }));
}

/** What was measured of a pipeline. Plans of a device share its pipelines. */
const measured = new WeakMap<
  GPUComputePipeline,
  { readonly cost: number; readonly pace: number }
>();

/** The estimated seconds of each command; 0 for those whose pipeline has little work and was not measured. */
async function estimate(device: Device, made: Made): Promise<number[]> {
  const { commands, engine } = made;
  const costs = commands.map(engine.costOf);
  const heaviest = new Map<GPUComputePipeline, number>();
  for (const [i, { pipeline }] of commands.entries()) {
    const known = heaviest.get(pipeline);
    if (known === undefined || costs[known] < costs[i]) heaviest.set(pipeline, i);
  }
  const most = Math.max(...costs);
  const least = Math.min(most, engine.large);
  for (const [pipeline, i] of heaviest) {
    const cost = costs[i];
    // Of much larger tensors the pace may be another one.
    if (cost < least || cost < 2 * (measured.get(pipeline)?.cost ?? 0)) continue;
    measured.set(pipeline, { cost, pace: (await measure(device, made, commands[i])) / cost });
  }
  return commands.map(({ pipeline }, i) => costs[i] * (measured.get(pipeline)?.pace ?? 0));
}

/**
 * The seconds of a command, from those of a growing number of its first workgroups. What the plan keeps in
 * states is not touched: they are written to a buffer of their own.
 */
async function measure(
  device: Device,
  { spec, memory, engine }: Made,
  { step }: Command,
): Promise<number> {
  const { gpu } = device;
  const made: GPUBuffer[] = [];
  const create = (label: string, size: number, usage: number) => {
    const buffer = gpu.createBuffer({ label, size, usage });
    made.push(buffer);
    return buffer;
  };
  const name = `timing of ${step.node.name}`;
  const isState = (tensor: Tensor) =>
    tensor.source?.kind === "state" || spec.outputsInto?.has(tensor);
  const written = new Set(
    engine.boundBy(step).flatMap(({ kind, tensor }) => {
      return kind === "read_write" && isState(tensor) ? tensor : [];
    }),
  );
  const elsewhere: Memory = {
    ...memory,
    binding(tensor: Tensor) {
      const place = memory.binding(tensor);
      if (!written.has(tensor)) return place;
      return { buffer: create(name, place.size as number, 0x80) }; // GPUBufferUsage.STORAGE
    },
    uniform(label, bytes) {
      const buffer = create(label, bytes.byteLength, 0x40 | 0x8); // UNIFORM | COPY_DST
      gpu.queue.writeBuffer(buffer, 0, bytes);
      return buffer;
    },
  };
  const { kind } = device.capabilities;
  const whole = step.dispatch.workgroups;
  const total = whole[0] * whole[1] * whole[2];
  try {
    const { value, refused } = device.guard(name, () =>
      engine.finish(engine.createCommands(gpu, name, [step], elsewhere)),
    );
    const error = await refused;
    if (error) throw error;
    const [command] = value;
    const timed = async (...grids: Grid[]) => {
      const encoder = gpu.createCommandEncoder({ label: name });
      const commands = grids.map((workgroups) => ({ ...command, copies: [], workgroups }));
      engine.encode(encoder, name, commands);
      const buffer = encoder.finish();
      const start = performance.now();
      gpu.queue.submit([buffer]);
      await device.idle();
      return (performance.now() - start) / 1000;
    };
    await timed([1, 1, 1]); // drivers finish compiling at the first use
    const nothing = Math.min(await timed(), await timed());
    for (let groups = Math.ceil(total / 64); ; groups *= 4) {
      const workgroups = beginning(whole, groups);
      const [x, y, z] = workgroups;
      let seconds = await timed(workgroups);
      // A machine that is busy with other work can only take longer.
      if (seconds < REPEATED) seconds = Math.min(seconds, await timed(workgroups));
      seconds -= nothing;
      const isWhole = x * y * z === total;
      if (seconds > ENOUGH[kind] || isWhole) return (Math.max(0, seconds) * total) / (x * y * z);
    }
  } finally {
    for (const buffer of made) buffer.destroy();
  }
}

/** About the first `groups` workgroups of a grid. */
function beginning([x, y, z]: Grid, groups: number): Grid {
  if (groups <= x) return [groups, 1, 1];
  if (groups <= x * y) return [x, Math.floor(groups / x), 1];
  return [x, y, Math.min(z, Math.floor(groups / (x * y)))];
}
