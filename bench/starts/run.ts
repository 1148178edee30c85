// Trains the networks that come with the package and writes them to networks/.
//   npm run starts -- [NAME ...] [--to FOLDER] [--steps N]
// Prints the checksum of each next to the one of src/networks/starting-networks.ts. They are equal on the adapter and driver
// on which it was made (docs/results.md); others give a network of the same quality.

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Device } from "../../src/gpu/device.js";
import { STARTING_NETWORKS, type StartingName } from "../../src/networks/starting-networks.js";
import { batchWorkers } from "../../src/node/batch-workers.js";
import { openDevice } from "../../src/node/open-device.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { RECIPES } from "./recipes.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: "string", default: fileURLToPath(new URL("../../../networks", import.meta.url)) },
    steps: { type: "string" },
  },
});

/** The best checkpoint of a training by its recipe. */
async function trained(device: Device, name: StartingName): Promise<Checkpoint> {
  const { model, training: usual, task, images, draw } = RECIPES[name];
  const count = images.training + images.validation;
  const samples = Array.from({ length: count }, (_, index) => draw(index));
  const data = {
    training: samples.slice(0, images.training),
    validation: samples.slice(images.training),
  };
  const training = { ...usual, ...(values.steps && { steps: Number(values.steps) }) };
  let best: Checkpoint | undefined;
  const { steps, elapsedMs } = await train(device, data, model, training, {
    task,
    openBatches: batchWorkers(1),
    onCheckpoint(which, checkpoint) {
      if (which === "best") best = checkpoint;
    },
    onEvent(event) {
      if (event.type !== "validation") return;
      const { step, loss, wrongPixels, iou, ap50 } = event;
      console.error(JSON.stringify({ name, step, loss, wrongPixels, iou, ap50 }));
    },
  });
  if (best === undefined) throw new Error(`${name}: no checkpoint was made`);
  console.log(`${name}: ${steps} steps in ${(elapsedMs / 60_000).toFixed(1)} minutes`);
  return best;
}

/** What a user starts from: the weights, without the optimizer's state and the numbers of the run. */
function withoutRun({ tensors, metadata }: Checkpoint): Checkpoint {
  const weights = [...tensors].filter(([name]) => !name.startsWith("optimizer."));
  return { tensors: new Map(weights), metadata };
}

const device = await openDevice();
await mkdir(values.to, { recursive: true });
const names = Object.keys(RECIPES) as StartingName[];
for (const name of positionals.length > 0 ? (positionals as StartingName[]) : names) {
  if (!names.includes(name)) throw new Error(`${name}: expected ${names.join(", ")}`);
  const bytes = encodeSafetensors(withoutRun(await trained(device, name)), { precision: "f16" });
  const path = join(values.to, `${name}.safetensors`);
  await writeFile(path, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const isSame = sha256 === STARTING_NETWORKS[name].sha256;
  console.log(`${path}: bytes: ${bytes.length}, sha256: "${sha256}"${isSame ? ", as before" : ""}`);
}
device.close();
