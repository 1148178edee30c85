import { test } from "uvu";
import * as assert from "uvu/assert";
import { runProgram } from "../../src/cli/program.js";
import { createProgress } from "../../src/cli/progress-bar.js";
import { collector, fakeServices } from "./fakes.js";

/** A terminal of unknown width. */
const narrow = () => Object.assign(collector(), { isTTY: true, columns: 0 });

test("a terminal without a width gets plain lines", () => {
  const output = narrow();
  const progress = createProgress(output);
  progress.update(1, 4, "step 1/4");
  progress.stop();
  assert.is(output.text(), "step 1/4\n");
});

test("help for a terminal without a width is as wide as for a file", async () => {
  const help = async (stdout: ReturnType<typeof collector>) => {
    const rest = { services: fakeServices().services, stderr: collector(), version: "0.0.0" };
    await runProgram({ ...rest, stdout, invocation: "npx micrograph", args: ["train", "--help"] });
    return stdout.text();
  };
  assert.is(await help(narrow()), await help(collector()));
});

test.run();
