// A training with a loss, metrics, batches and a learning rate of your own: a U-Net with two heads,
// classes and the distance to the nearest membrane.

import {
  AUGMENTATIONS,
  createPredictor,
  createSampler,
  type OwnBatch,
  openDevice,
  type SamplePrediction,
  syntheticSample,
  train,
  trainingConfig,
} from "../src/node.js"; // in your own project: from "micrograph/node"
import {
  add,
  convParameters,
  crossEntropy,
  defineArchitecture,
  dice,
  l1Loss,
  maxPool2d,
  mul,
  oneHot,
  softmax,
  upConvParameters,
} from "../src/operations.js"; // in your own project: from "micrograph/ops"

const twoHeads = defineArchitecture({
  name: "lab.two-heads",
  fields: { base: { default: 8, whole: true, least: 1, most: 256 } }, // channels of the first level
  gridStep: () => 2,
  parameters: ({ channels, classes, base }) => [
    ...convParameters("down", channels, base, 3),
    ...convParameters("bottom", base, 2 * base, 3),
    ...upConvParameters("up", 2 * base, base),
    ...convParameters("last", 2 * base, base, 3),
    ...convParameters("head", base, classes, 1),
    ...convParameters("distances", base, 1, 1),
  ],
  logits(x, { conv, upConv }) {
    const own = { padding: "same", activation: "relu" } as const;
    const down = conv(x, "down", own);
    const up = upConv(conv(maxPool2d(down), "bottom", own), "up");
    const last = conv(up, "last", { ...own, skip: down });
    return { logits: conv(last, "head"), distances: conv(last, "distances") };
  },
});

const sample = (seed: number) => ({
  name: `synthetic ${seed}`,
  ...syntheticSample({ seed, width: 128, height: 128 }),
});
const tile = 64;
const sampler = createSampler({
  samples: [sample(1), sample(2)],
  input: tile,
  output: tile,
  augmentation: AUGMENTATIONS.flips,
  classWeights: "equal",
  w0: 0,
  sigma: 5,
  seed: 1,
});

/** Pixels to the nearest membrane (class 0) along the row, up to 8, divided by 8. */
function distances(label: Float32Array): Float32Array {
  return label.map((_, i) => {
    const row = i - (i % tile);
    let far = 0;
    while (far < 8) {
      const [left, right] = [i - far, i + far];
      if (left < row || right >= row + tile || label[left] === 0 || label[right] === 0) break;
      far++;
    }
    return far / 8;
  });
}

/** The batches from number `first` on; a resumed run goes on where it was. */
async function* batches(first: number): AsyncGenerator<OwnBatch> {
  for (let number = first; ; number++) {
    const batch = sampler.batch(number, 2);
    yield { ...batch, targets: { distances: distances(batch.label) } };
  }
}

/** The share of the image that the network calls cell. */
const cellShare = ({ prediction: { probabilities } }: SamplePrediction) => {
  const cell = probabilities.subarray(probabilities.length / 2);
  return cell.filter((p) => p > 0.5).length / cell.length;
};

const device = await openDevice();
let last: Parameters<typeof createPredictor>[1] | undefined;
await train(
  device,
  { training: [], validation: [sample(3)] },
  twoHeads.model({ base: 8 }),
  trainingConfig({ tile, batch: 2, steps: 60, validateEvery: 30 }),
  {
    // Any graph with one number as its result is a loss.
    loss({ logits, outputs, label, targets }) {
      const overlap = dice(softmax(logits), oneHot(label, 2));
      const classes = add(crossEntropy(logits, label), overlap);
      return add(classes, mul(l1Loss(outputs.distances, targets.distances), 0.5));
    },
    targets: { distances: 1 }, // channels
    batches,
    rate: (step) => 0.005 * 0.99 ** step,
    initial: { "distances.bias": 0.5 },
    metrics: { cellShare },
    task: { classNames: ["membrane", "cell"] },
    onEvent(event) {
      if (event.type !== "validation") return;
      const { step, wrongPixels, metrics } = event;
      console.log(`step ${step}: wrong pixels ${wrongPixels.toFixed(3)}`, metrics);
    },
    onCheckpoint(kind, checkpoint) {
      if (kind === "last") last = checkpoint;
    },
  },
);
if (!last) throw new Error("every run has a last checkpoint");
const models = [twoHeads];
const options = { models, output: "distances" }; // the other head, as it is
const predictor = await createPredictor(device, last, options);
const { probabilities: map } = await predictor.predict(sample(3).image, "synthetic 3");
console.log(`${map.length} distances, the largest ${Math.max(...map).toFixed(2)}`);
predictor.close();
device.close();
