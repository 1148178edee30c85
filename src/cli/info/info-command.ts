// `micrograph info`: the GPU that the other commands would use, and what it can do.

import { readFile } from "node:fs/promises";
import { createModel } from "../../model/architectures.js";
import { STARTING_NETWORKS } from "../../networks/starting-networks.js";
import { flagOf } from "../../options/command-line.js";
import { byteText } from "../format.js";
import { networkOf, withOwnModel } from "../options/own-model.js";
import type { Context } from "../services.js";
import {
  NETWORK_KEYS,
  type NetworkOptions,
  planJson,
  planLines,
  resolveNetwork,
} from "./plan-report.js";

export interface InfoOptions extends NetworkOptions {
  plan?: boolean;
}

/** Limits that decide how large a network and a tile can be, with their units. */
const SHOWN: readonly (readonly [string, string])[] = [
  ["maxBufferSize", "bytes"],
  ["maxStorageBufferBindingSize", "bytes"],
  ["maxStorageBuffersPerShaderStage", "bindings"],
  ["maxComputeWorkgroupStorageSize", "bytes"],
  ["maxComputeInvocationsPerWorkgroup", "invocations"],
  ["maxComputeWorkgroupsPerDimension", "workgroups"],
  ["maxTextureDimension2D", "pixels"],
];

/** Runs the command; returns 0, or 1 if there is no adapter. */
export async function runInfo(options: InfoOptions, context: Context): Promise<number> {
  if (options.plan) return runPlan(options, context);
  const given = NETWORK_KEYS.find((key) => options[key as keyof InfoOptions] !== undefined);
  if (given) throw new Error(`${flagOf(given)}: only applies with --plan; add --plan`);
  const versions = {
    micrograph: context.version,
    node: process.versions.node,
    webgpu: (await packageVersion("webgpu")) ?? "not installed",
    system: `${process.platform} ${process.arch}`,
  };
  const print = (text: string) => context.stdout.write(`${text}\n`);
  let description: ReturnType<Awaited<ReturnType<Context["services"]["openDevice"]>>["describe"]>;
  try {
    const device = await context.services.openDevice(remarkTo(context));
    description = device.describe();
    device.close();
  } catch (error) {
    if (options.json) {
      const message = error instanceof Error ? error.message : String(error);
      print(JSON.stringify({ adapter: null, error: message, versions }, null, 2));
    }
    throw error;
  }
  if (options.json) {
    const networks = Object.keys(STARTING_NETWORKS);
    print(JSON.stringify({ ...description, versions, networks }, null, 2));
    return 0;
  }
  const { adapter, kind, backend, vectorBits, limits, features } = description;
  const rows: [string, string][] = [
    ["adapter", adapter],
    ["kind", kind === "cpu" ? "cpu (WebGPU in software, on the processor)" : kind],
    ["backend", backend],
    ...(vectorBits ? [["vectors", `${vectorBits} bits`] as [string, string]] : []),
    ["features", features.length === 0 ? "none" : features.join(", ")],
    ...SHOWN.filter(([name]) => limits[name] !== undefined).map(
      ([name, unit]): [string, string] => [name, limitText(limits[name], unit)],
    ),
    ...Object.entries(versions),
    [
      "networks",
      `${Object.keys(STARTING_NETWORKS).join(", ")} (train --from, predict --checkpoint)`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, text] of rows) print(`${name.padEnd(width)}  ${text}`);
  return 0;
}

/** `info --plan`. */
async function runPlan(given: InfoOptions, context: Context): Promise<number> {
  const { options, models } = await withOwnModel(given);
  const network = resolveNetwork(options, models);
  const device = await context.services.openDevice(remarkTo(context));
  try {
    const { halo } = createModel(network.model, models);
    // A tile to train on may be too small to predict with.
    const { tile = 0 } = options;
    const predictionTile = tile > 2 * halo ? tile : undefined;
    const reports = await context.services.planMemory(
      device,
      { ...network, model: networkOf(network.model, models) },
      predictionTile,
    );
    const { adapter, kind } = device.describe();
    if (options.json) {
      const { training, prediction } = reports;
      const value = {
        adapter,
        kind,
        model: network.model,
        training: planJson(training),
        prediction: planJson(prediction),
      };
      context.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      return 0;
    }
    for (const line of [adapter, ...planLines(reports, network, models)])
      context.stdout.write(`${line}\n`);
    return 0;
  } finally {
    device.close();
  }
}

const remarkTo = (context: Context) => (remark: string) => {
  context.stderr.write(`micrograph: ${remark}\n`);
};

function limitText(value: number, unit: string): string {
  return unit === "bytes" ? byteText(value) : `${value.toLocaleString("en-US")} ${unit}`;
}

async function packageVersion(name: string): Promise<string | undefined> {
  try {
    let folder = new URL(".", import.meta.resolve(name));
    // The entry may be in a subfolder of the package.
    for (let depth = 0; depth < 4; depth++, folder = new URL("..", folder)) {
      const text = await readFile(new URL("package.json", folder), "utf8").catch(() => undefined);
      if (text !== undefined) return JSON.parse(text).version;
    }
  } catch {
    // Not installed: it is an optional dependency.
  }
  return undefined;
}
