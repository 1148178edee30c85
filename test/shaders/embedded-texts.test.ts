// The shader texts of the package, from which comments and spaces are removed.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { texts as canvas } from "../../src/shaders/texts-canvas.generated.js";
import { texts as check } from "../../src/shaders/texts-check.generated.js";
import { texts as general } from "../../src/shaders/texts-general.generated.js";
import { texts as onDemand } from "../../src/shaders/texts-on-demand.generated.js";
import { texts as usual } from "../../src/shaders/texts-usual.generated.js";
import { shaderFiles } from "../shader-files.js";

const TOKENS = /[\w.]+|--|\+\+|->|&&|\|\||\S/g;

/** Words and signs, of which the longest counts: a--b has a decrement. */
const tokensOf = (text: string) => text.replaceAll(/\/\/.*/g, "").match(TOKENS);

test("the embedded texts have the tokens of the files: a minus before a minus stays two signs", () => {
  const embedded = { ...canvas, ...check, ...general, ...onDemand, ...usual };
  const files = shaderFiles();
  assert.equal(Object.keys(embedded).sort(), [...files.keys()].sort());
  for (const [name, text] of Object.entries(embedded)) {
    assert.equal(tokensOf(text), tokensOf(files.get(name) as string), name);
  }
});

test.run();
