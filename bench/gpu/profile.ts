// Profiles a training step and a prediction: `node profile.js WIDTH TILE FILE` writes FILE.txt, two
// tables for people, and FILE.json.

import { writeFile } from "node:fs/promises";
import { compilePlan } from "../../src/gpu/plan.js";
import { type Profile, profilePlan } from "../../src/gpu/profile.js";
import { profileLines } from "../../src/gpu/profile-text.js";
import { createState } from "../../src/gpu/state.js";
import { initialValues } from "../../src/model/parameters.js";
import { openDevice } from "../../src/node/open-device.js";
import { predictionSpec } from "../../src/predict/tile-graph.js";
import { createTrainer } from "../../src/train/step.js";
import { createNetwork, LEARNING_RATE, MOMENTUM } from "../network.js";

const SEED = 1;

const [width, tile, file] = process.argv.slice(2);
const { model, image, label, weight, tile: side } = createNetwork(Number(width), Number(tile));
const device = await openDevice();
const profiles: Record<string, Profile> = {};

const trainer = await createTrainer(device, model, {
  ...{ tile: side, batch: 1, optimizer: "sgd", seed: SEED },
  ...{ learningRate: LEARNING_RATE, momentum: MOMENTUM },
});
trainer.step({ image, label, weight });
profiles.step = await profilePlan(device, trainer.plan);
trainer.close();

const parameters = createState(device, "parameters", model.parameters.floats);
parameters.write(initialValues(model.parameters, SEED));
const spec = predictionSpec(model, side);
const states = { parameters: parameters.buffer };
const plan = await compilePlan(device, { ...spec, states, statesAreConstant: true });
profiles.prediction = await profilePlan(device, plan, { inputs: { image } });

const texts = Object.entries(profiles).map(([what, profile]) => [what, ...profileLines(profile)]);
await writeFile(`${file}.txt`, `${texts.map((lines) => lines.join("\n")).join("\n\n")}\n`);
await writeFile(`${file}.json`, `${JSON.stringify(profiles, null, 2)}\n`);
device.close();
