import { test } from "uvu";
import * as assert from "uvu/assert";
import { normalisationOf as packageNormalisation } from "../../src/interchange/bioimageio/package-normalisation.js";
import { applySteps, type ProcessingStep } from "../../src/interchange/bioimageio/processing.js";
import { readDescription } from "../../src/interchange/bioimageio/read-description.js";
import { messageOf } from "../errors.js";

const four = {
  format_version: "0.4.9",
  type: "model",
  name: "Old",
  inputs: [
    {
      name: "raw",
      axes: "bcyx",
      preprocessing: [{ name: "zero_mean_unit_variance", kwargs: { axes: "xy" } }],
    },
  ],
  outputs: [{ name: "out", axes: "bcyx", postprocessing: [{ name: "sigmoid" }] }],
  test_inputs: ["in.npy"],
  test_outputs: ["out.npy"],
  weights: { onnx: { source: "w.onnx", opset_version: 12 } },
};

const axes = [
  { type: "batch" },
  { type: "channel" },
  { type: "space", id: "y" },
  { type: "space", id: "x" },
];
const five = {
  format_version: "0.5.3",
  type: "model",
  name: "New",
  license: "MIT",
  inputs: [
    { id: "raw", axes, test_tensor: { source: "in.npy" }, preprocessing: [{ id: "ensure_dtype" }] },
  ],
  outputs: [{ id: "out", axes, test_tensor: { source: "out.npy" } }],
  weights: { torchscript: { source: "w.pt" } },
  config: { bioimageio: { reproducibility_tolerance: [{ absolute_tolerance: 0.01 }] } },
};

test("descriptions of format 0.4 and 0.5 say the same things", () => {
  const old = readDescription(four, "rdf.yaml");
  assert.equal(old.inputs[0], {
    id: "raw",
    axes: "bcyx",
    test: "in.npy",
    steps: [{ id: "zero_mean_unit_variance", kwargs: { axes: "xy" } }],
  });
  assert.equal(
    [old.outputs[0].steps[0].id, old.weights, old.licence],
    ["sigmoid", [{ kind: "onnx", source: "w.onnx" }], undefined],
  );
  assert.equal(old.tolerance, { absolute: 1e-3, relative: 1e-3 });
  const young = readDescription(five, "rdf.yaml");
  assert.equal(
    [young.inputs[0].axes, young.outputs[0].test, young.licence],
    ["bcyx", "out.npy", "MIT"],
  );
  assert.equal(young.tolerance, { absolute: 0.01, relative: 1e-3 });
});

test("the Python that makes a network is known by its name", () => {
  for (const [architecture, wanted] of [
    ["unet.py:UNet", "unet.py, UNet"],
    [{ source: "unet2d.py", callable: "UNet2d" }, "unet2d.py, UNet2d"],
    [{ import_from: "monai.networks", callable: "UNet" }, "monai.networks, UNet"],
    [7, undefined],
  ] as const) {
    const weights = { pytorch_state_dict: { source: "w.pt", architecture } };
    const [entry] = readDescription({ ...five, weights }, "a").weights;
    assert.is(entry.definition, wanted);
  }
});

test("what is no two-dimensional model is refused by what it is", () => {
  const space = (ids: string[]) => [axes[0], axes[1], ...ids.map((id) => ({ type: "space", id }))];
  for (const [value, wanted] of [
    [{ ...five, type: "dataset" }, 'it describes a "dataset", expected a model'],
    [{ ...five, format_version: "0.3.6" }, 'its format is "0.3.6", expected 0.4 or 0.5'],
    [
      { ...five, inputs: [{ ...five.inputs[0], axes: space(["z", "y", "x"]) }] },
      "the axes of raw are bczyx",
    ],
    ["text", "its format is"],
  ] as const) {
    assert.match(
      messageOf(() => readDescription(value, "a: rdf.yaml")),
      wanted,
    );
  }
});

const normalisationOf = (steps: readonly ProcessingStep[], channels: number) =>
  packageNormalisation(steps, channels).normalisation;
const array = (shape: number[], ...values: number[]) => ({
  shape,
  data: Float64Array.from(values),
});
const near = (got: Iterable<number>, wanted: readonly number[]) => {
  const list = [...got];
  assert.is(list.length, wanted.length);
  assert.ok(
    list.every((value, i) => Math.abs(value - wanted[i]) < 1e-5),
    `${list}`,
  );
};
const apply = (id: string, kwargs: Record<string, unknown>, ...values: number[]) =>
  applySteps(array([1, 2, 1, 2], ...values), [{ id, kwargs }]).data;

test("processing is the specification's", () => {
  near(apply("zero_mean_unit_variance", { axes: ["x", "y"] }, 1, 3, 10, 30), [-1, 1, -1, 1]);
  near(apply("zero_mean_unit_variance", { axes: "cyx", eps: 0 }, 1, 1, 3, 3), [-1, -1, 1, 1]);
  near(
    apply("fixed_zero_mean_unit_variance", { mean: [1, 2], std: [2, 4] }, 3, 5, 6, 10),
    [1, 2, 1, 2],
  );
  near(apply("scale_linear", { gain: 2, offset: [1, 0] }, 1, 2, 3, 4), [3, 5, 6, 8]);
  near(
    apply("scale_range", { axes: "xy", min_percentile: 0, max_percentile: 50 }, 0, 4, 10, 20),
    [0, 2, 0, 2],
  );
  near(apply("clip", { min: 0, max: 2 }, -1, 1, 3, 2), [0, 1, 2, 2]);
  near(apply("binarize", { threshold: 1 }, 0, 1, 2, 3), [0, 0, 1, 1]);
  near(apply("sigmoid", {}, 0, 0, Math.log(3), -Math.log(3)), [0.5, 0.5, 0.75, 0.25]);
  near(apply("softmax", {}, 0, 0, Math.log(3), 0), [0.25, 0.5, 0.75, 0.5]);
  assert.match(
    messageOf(() => apply("stardist_postprocessing", {}, 1, 2, 3, 4)),
    "the processing stardist_postprocessing is not supported, expected binarize",
  );
});

test("a checkpoint's normalisation is that of the steps, or the steps are refused", () => {
  const own = (id: string, kwargs = {}) => normalisationOf([{ id, kwargs }], 1);
  assert.equal(own("zero_mean_unit_variance", { axes: ["x", "y"] }), { kind: "image" });
  // 8-bit values x of 0 to 255 become 2 x / 255 - 1; images are 0 to 1 here.
  const { mean, deviation } = own("scale_linear", { gain: 2 / 255, offset: -1 }) as never as Record<
    string,
    number[]
  >;
  near([...mean, ...deviation], [0.5, 0.5]);
  assert.equal(own("scale_range", { min_percentile: 1, max_percentile: 99.8, eps: 0.00255 }), {
    kind: "percentiles",
    low: 1,
    high: 99.8,
    epsilon: 0.00001,
    isJoint: true,
  });
  const means = normalisationOf(
    [
      {
        id: "fixed_zero_mean_unit_variance",
        kwargs: { mean: [255, 51], std: [51, 255], axis: "channel" },
      },
    ],
    2,
  );
  assert.equal(means, { kind: "statistics", mean: [1, 0.2], deviation: [0.2, 1] });
  assert.match(
    messageOf(() => own("scale_range", { reference_tensor: "other" })),
    "images are preprocessed by scale_range, which predictions here cannot repeat: give --mean and --deviation",
  );
});

test("inputs that are no images are refused by their names", () => {
  const [raw, prompt] = [five.inputs[0], { id: "prompt", axes: [{ type: "index", size: 4 }] }];
  const refusal = (inputs: unknown) =>
    messageOf(() => readDescription({ ...five, inputs }, "rdf.yaml"));
  assert.match(refusal([raw, prompt]), "rdf.yaml: the axes of prompt are i, expected bcyx");
  assert.is(refusal([]), "rdf.yaml: it has no inputs");
});

test("steps after a normalisation are the network's, those before it are part of it", () => {
  const linear = { id: "scale_linear", kwargs: { gain: 2, offset: -1 } };
  const range = { id: "scale_range", kwargs: { min_percentile: 1, max_percentile: 99 } };
  const own = packageNormalisation([linear, range, linear, { id: "sigmoid", kwargs: {} }], 1);
  assert.equal(
    [own.normalisation.kind, own.rest.map(({ id }) => id)],
    ["percentiles", ["scale_linear", "sigmoid"]],
  );
  // Twice the values have twice the range, of which the epsilon is half the share.
  near([(own.normalisation as { epsilon: number }).epsilon * 510 * 1e6], [1]);
  const clipped = packageNormalisation([{ id: "clip", kwargs: { min: 0, max: 255 } }, linear], 1);
  assert.equal([clipped.normalisation.kind, clipped.rest], ["statistics", []]);
  const inner = packageNormalisation([{ id: "clip", kwargs: { min: 9, max: 99 } }, linear], 1);
  assert.equal(inner.normalisation, { kind: "statistics", mean: [0], deviation: [1 / 255] });
  assert.is(inner.rest.length, 2);
});

test.run();
