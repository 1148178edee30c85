import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkClasses } from "../../app/src/engine/work.js";
import { plainRemarks, withoutOptions } from "../../app/src/images/problems.js";
import { IGNORED } from "../../src/data/image-types.js";
import { modelConfig } from "../../src/train/config.js";

const image = (...data: number[]) => {
  const size = { width: data.length, height: 1 };
  const raw = { ...size, channels: 1, maximum: 255, data: new Uint8Array(data.length) };
  return { name: "a", raw, label: { ...size, classes: 3, data: Uint8Array.from(data) } };
};
const model = modelConfig({ classes: 3 });
const task = { classNames: ["ground", "cell", "organelle"] };

test("labels of only one class are refused before a run; two of three are enough", () => {
  const one = { model, task, training: [image(IGNORED, 1, 1), image(1, IGNORED)] };
  assert.throws(() => checkClasses(one), /All training labels are cell: label/);
  checkClasses({ model, task, training: [image(IGNORED, 1), image(2)] });
});

test("the app's messages name no options of the command line, and join files with one problem", () => {
  assert.equal(
    plainRemarks([
      "a/x.png: it is a JPEG image",
      "a/y.png: it is a JPEG image",
      "a/z.tif, page 3: another thing.",
      "Labels hold class indices.",
      "2 of 5 images are RGB: read as grey. --colour rgb reads all images as RGB.",
    ]),
    [
      "a/x.png and 1 more: it is a JPEG image",
      "a/z.tif, page 3: another thing.",
      "2 of 5 images are RGB: read as grey.",
    ],
  );
  assert.is(withoutOptions("x: it is odd, and train with --instances"), "x: it is odd");
  const question = "x: odd, is it a label? What is brighter needs --label-threshold, such as 0.5";
  assert.is(withoutOptions(question), "x: odd, is it a label?");
  assert.is(withoutOptions("x: bad; if 3 is none, add --ignore 3"), "x: bad");
});

test.run();
