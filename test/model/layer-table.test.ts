import { test } from "uvu";
import * as assert from "uvu/assert";
import { layerTable, receptiveField } from "../../src/model/layer-table.js";
import { unet } from "../../src/model/unet.js";
import { modelConfig } from "../../src/train/config.js";

test("the paper's network: 23 layers with weights, 31,030,658 parameters, 388 pixels of 572", () => {
  const rows = layerTable(unet(modelConfig({ base: 64 })), 572);
  assert.is(rows.filter(({ parameters }) => parameters > 0).length, 23);
  assert.is(
    rows.reduce((sum, { parameters }) => sum + parameters, 0),
    31_030_658,
  );
  assert.equal(rows[0], {
    name: "encoder1.conv1",
    does: "3 x 3 convolution",
    output: [64, 570, 570],
    parameters: 640,
  });
  const bottom = rows.find(({ name }) => name === "bottleneck.conv2");
  assert.equal(bottom?.output, [1024, 28, 28]);
  assert.equal(rows.at(-1)?.output, [2, 388, 388]);
});

test("an output pixel sees 188 or 204 pixels at the paper's depth", () => {
  assert.equal(receptiveField(unet(modelConfig({ base: 1 }))), { smallest: 188, largest: 204 });
});

test.run();
