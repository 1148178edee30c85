// A network of the bioimage.io zoo gives the zoo's own test output.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { openModelPackage, testPackage } from "../../src/node.js";
import { testDevice } from "../device.js";

const folder = process.env.MICROGRAPH_ZOO;

if (folder) {
  for (const kind of ["onnx", "torchscript"]) {
    test(`unet2d_nuclei_broad, weights of ${kind}, gives the zoo's probabilities to 1e-5`, async () => {
      const model = await openModelPackage(`${folder}/unet2d_nuclei_broad`);
      const weights = model.description.weights.filter((one) => one.kind === kind);
      const description = { ...model.description, weights };
      const { worst, passed } = await testPackage(await testDevice(), { ...model, description });
      assert.ok(passed);
      assert.ok(worst < 1e-5, `${worst}`);
    });
  }
} else {
  test.skip("networks of the zoo: skipped, MICROGRAPH_ZOO names no folder");
  console.log("Tests of networks of the zoo skipped: MICROGRAPH_ZOO names no folder.");
}

test.run();
