import { readFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Examination } from "../../src/check/examine.js";
import { fakeExamination, fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

const problem =
  "conv2d 1,17,9,37, kernel winograd: forward is off by 0.5, the tolerance is 0.00005";
const faulty: Examination = {
  ...fakeExamination,
  passed: false,
  avoided: { "conv2d winograd": problem },
};

test("doctor prints adapter, verdict, kernels and checks, and where the result is kept", async () => {
  const { code, stdout, log } = await runCli(["doctor"]);
  assert.is(code, 0);
  assert.match(stdout, "Adapter: fake (the processor, system)");
  assert.match(stdout, "No GPU is used: WebGPU runs on the processor.");
  assert.match(stdout, "the preset small is made for it");
  assert.match(stdout, "No fault was found.");
  assert.match(stdout, /\nrelu +1 +0\.200\n/);
  assert.match(stdout, "passed   unary minus: all right");
  assert.match(stdout, "Remembered for this adapter and driver: kernels-doctor.json");
  assert.equal([log.opened, log.closed], [1, 1]);
});

test("doctor ends with 1 if there are faults, names the kernel, and writes JSON and a page", async () => {
  await inFolder(async () => {
    const fake = fakeServices();
    fake.services.examine = async () => faulty;
    const { code, stdout, stderr } = await runCli(["doctor", "--json", "--html", "out.html"], fake);
    assert.is(code, 1);
    assert.equal(JSON.parse(stdout).avoided, faulty.avoided);
    assert.match(stderr, "Page: out.html");
    const page = await readFile("out.html", "utf8");
    assert.match(page, "1 kernel computes wrong results");
    assert.match(page, /<pre><code>Adapter: fake \(the processor, system\)\n/);
    assert.match(page, problem);
  });
});

test("doctor takes one scope", async () => {
  const scopes: unknown[] = [];
  const fake = fakeServices();
  fake.services.examine = async (_device, { scope }) => {
    scopes.push(scope);
    return fakeExamination;
  };
  for (const args of [[], ["--quick"], ["--full"]]) await runCli(["doctor", ...args], fake);
  assert.equal(scopes, ["normal", "quick", "full"]);
  const { code, stderr } = await runCli(["doctor", "--quick", "--full"], fake);
  assert.is(code, 1);
  assert.match(stderr, "--quick: got --full too, expected one of them");
});

test("train examines an adapter that nobody has examined, and says what is wrong", async () => {
  await inFolder(async () => {
    const fake = fakeServices();
    fake.services.examineFirst = async () => faulty;
    const args = ["--steps", "2", "--validate-every", "2", "-o", "out"];
    const { code, stdout } = await runCli(["train", ...args], fake);
    assert.is(code, 0);
    assert.match(stdout, `fake computes wrong results: conv2d winograd (${problem})`);
    assert.match(stdout, "on fake (system, on the processor)");
    fake.services.examineFirst = () => Promise.reject(new Error("the GPU device was lost"));
    const lost = await runCli(["train", ...args], fake);
    assert.is(lost.code, 1);
    assert.is(lost.log.opened, lost.log.closed);
  });
});

test.run();
