import { test } from "uvu";
import * as assert from "uvu/assert";
import { IGNORED, type Sample } from "../../src/data/image-types.js";
import { surveySample } from "../../src/data/survey.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { classBalance, weightMap } from "../../src/data/weight-map.js";
import { selectionFigures } from "../../src/metrics/selection-figures.js";
import { createValidator } from "../../src/train/validate.js";

const SAMPLES = [1, 2, 3].map((seed): Sample => {
  const { image, label } = syntheticSample({ seed, width: 70, height: 50 });
  if (seed === 2) label.data.fill(IGNORED, 0, 900);
  return { name: `${seed}`, image, label };
});
const LABELS = SAMPLES.map(({ label }) => label);

/** The probability of class 1 is the image's brightness. */
const predictor = {
  async predict({ width, height, data }: Sample["image"]) {
    const probabilities = new Float32Array(2 * width * height);
    for (const [i, value] of data.entries()) {
      probabilities[i] = 1 - value;
      probabilities[width * height + i] = value;
    }
    return { width, height, classes: 2, probabilities };
  },
};

test("figures are those of all predictions together, in memory or in files", async () => {
  for (const best of ["loss", "v-rand"] as const) {
    for (const w0 of [0, 10]) {
      const balance = classBalance(LABELS);
      const training = { w0, sigma: 5, best };
      const predictions = await Promise.all(
        SAMPLES.map(async ({ image, label }) => ({ label, ...(await predictor.predict(image)) })),
      );
      let [loss, pixels] = [0, 0];
      for (const { label, probabilities } of predictions) {
        const weights = weightMap(label, balance, training);
        for (const [i, index] of label.data.entries()) {
          if (index === IGNORED) continue;
          loss -= weights[i] * Math.log(Math.max(probabilities[index * 3500 + i], 1.2e-38));
          pixels++;
        }
      }
      const files = SAMPLES.map((sample) => {
        const read = async () => sample;
        return { name: sample.name, survey: surveySample(sample), source: sample.name, read };
      });
      const { vRand, vInfo, ...others } = selectionFigures(predictions);
      for (const samples of [SAMPLES, files]) {
        const validate = createValidator(samples, balance, training);
        // The second time the weight maps are cached.
        for (const _ of [1, 2]) {
          const { images, classes, loss: found, ...figures } = await validate(predictor);
          const objects = best === "v-rand" ? { vRand, vInfo } : {};
          assert.equal(figures, { ...others, ...objects });
          // Images are summed one by one: another order of the same terms.
          assert.ok(Math.abs(found - loss / pixels) < 1e-12, `${found}, ${loss / pixels}`);
          assert.equal(
            images.map(({ name }) => name),
            ["1", "2", "3"],
          );
          assert.is(classes.length, 2);
        }
      }
    }
  }
});

test("each prediction is handed on before the next is made, and not kept", async () => {
  const log: string[] = [];
  const validate = createValidator(SAMPLES, [1, 1], { w0: 0, sigma: 5, best: "loss" });
  const listening = {
    async predict(image: Sample["image"], name: string) {
      log.push(`predict ${name}`);
      return predictor.predict(image);
    },
  };
  const figures = await validate(listening, async ({ sample }, index) => {
    await Promise.resolve();
    log.push(`${index}: ${sample.name}`);
  });
  assert.equal(log, ["predict 1", "0: 1", "predict 2", "1: 2", "predict 3", "2: 3"]);
  assert.not("predictions" in figures);
});

test.run();
