import { test } from "uvu";
import * as assert from "uvu/assert";
import { sampledTest } from "../sample.js";
import { openPage, type TestPage } from "./page.js";
import { walkReactPage } from "./react-road.js";

let opened: TestPage;
test.before(async () => {
  opened = await openPage("./react-page.js");
});
test.after(() => opened?.close());

sampledTest(
  "the React example trains, stops, segments, and leaves nothing on the GPU when it goes",
  async () => {
    const { progress, canvas, missing, held } = await walkReactPage(opened);
    assert.match(`${progress}`, /^\d+ %, loss \d\.\d{3}$/);
    const [width, height, greys] = canvas;
    assert.equal([width, height], [48, 48]);
    assert.ok(greys > 1, "every pixel is of one grey");
    assert.is(missing, "Error: /missing.safetensors: 404 Not Found");
    const [shown, gone] = held;
    assert.ok(shown > 0);
    assert.is(gone, 0);
    const problems = opened.problems.filter((problem) => !problem.includes("404"));
    assert.equal(problems, []);
  },
);

test.run();
