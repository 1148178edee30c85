// Shards as processes, some of which are killed: afterwards the files are those of one undisturbed run.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { engine } from "../../src/cli/engine.js";
import { random } from "../../src/data/random.js";
import { encodePng } from "../../src/node/png-files.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { untrained } from "../interchange/untrained.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

const program = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
const SHARDS = 3;
const IMAGES = 12;
const own = { MICROGRAPH_KERNEL_CACHE: "off", MICROGRAPH_DOCTOR: "off" };
const args = "predict --checkpoint c.safetensors --input in --measure --smallest 1".split(" ");

const start = (index: number): ChildProcess =>
  spawn(process.execPath, [program, ...args, "-o", "out", "--shard", `${index}/${SHARDS}`], {
    env: { ...process.env, ...own },
    stdio: "ignore",
  });

/** Waits until a shard has noted something. */
async function noted(index: number, what: string): Promise<void> {
  const journal = `out/progress/${index}-of-${SHARDS}.jsonl`;
  while (!(await readFile(journal, "utf8").catch(() => "")).includes(what)) await wait(2);
}

const exitOf = async (child: ChildProcess) => (await once(child, "exit")) as [number, string];

test("of three shards one is killed and one is stopped; run again, the bytes are those of one run", async () => {
  await inFolder(async () => {
    await mkdir("in");
    const next = random(5);
    for (let i = 0; i < IMAGES; i++) {
      // Those of the first shard after its first take long, so that it is killed amid them.
      const [width, height] = i > 0 && i < IMAGES / SHARDS ? [360, 280] : [60, 52];
      const data = Uint8Array.from({ length: width * height }, () => 255 * next());
      const image = encodePng({ width, height, channels: 1, bitDepth: 8, data });
      await writeFile(`in/${i}.png`, image);
    }
    await writeFile("c.safetensors", encodeSafetensors(untrained({ base: 2, depth: 1 })));
    const children = Array.from({ length: SHARDS }, (_, i) => start(i));
    const exits = children.map(exitOf);
    await Promise.all([
      noted(0, "pixels").then(() => children[0].kill("SIGKILL")),
      noted(1, "started").then(() => children[1].kill("SIGTERM")),
    ]);
    const [killed, stopped, undisturbed] = await Promise.all(exits);
    assert.equal(killed, [null, "SIGKILL"]);
    assert.equal(stopped, [75, null]);
    assert.equal(undisturbed, [0, null]);
    const status = JSON.parse((await runCli(["status", "out", "--json"])).stdout)[0];
    assert.ok(status.done < IMAGES, "something was left to do");
    assert.is(status.shards[1].state, "stopped");
    // In one process, which is faster: what the shards have left, and the whole.
    const fake = { ...fakeServices(), services: engine };
    for (const i of [0, 1]) {
      const again = await runCli([...args, "-o", "out", "--shard", `${i}/${SHARDS}`], fake);
      assert.is(again.code, 0, again.stderr);
    }
    assert.is((await runCli([...args, "-o", "whole"], fake)).code, 0);
    assert.is((await runCli(["status", "out"])).code, 0);
    assert.is((await runCli(["merge", "out"])).code, 0);
    const names = (await readdir("whole")).sort();
    const others = new Set(["progress", "objects.csv"]);
    assert.equal((await readdir("out")).filter((name) => !others.has(name)).sort(), names);
    for (const name of names) {
      const [a, b] = await Promise.all(["out", "whole"].map((at) => readFile(`${at}/${name}`)));
      assert.ok(a.equals(b), name);
    }
  });
});

test.run();
