import { test } from "uvu";
import * as assert from "uvu/assert";
import { openTiff } from "../../../src/formats/tiff/index.js";
import { tiffKinds } from "./kinds.js";

test("every kind of numbers, layout, compression and predictor, in both byte orders", async () => {
  for (const { name, bytes, images, channels } of tiffKinds()) {
    const stack = await openTiff(bytes, name);
    assert.is(stack.pageCount, images.length, name);
    for (const [i, numbers] of images.entries()) {
      const image = await stack.page(i);
      assert.is(image.channels, channels, name);
      assert.is(image.data.length, numbers.length, name);
      const wrong = numbers.findIndex((value, at) => !Object.is(image.data[at], value + 0));
      assert.is(wrong, -1, `${name}: ${image.data[wrong]}, expected ${numbers[wrong]} at ${wrong}`);
    }
  }
});

test.run();
