// A slide in shards as processes, one of which is killed: the store, its objects and their table are those of one run.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { engine } from "../../src/cli/engine.js";
import { cachedSource } from "../../src/data/chunk-source.js";
import { openZarrArray } from "../../src/formats/slide/zarr-slide.js";
import { folderStore } from "../../src/node/folder-store.js";
import { measureObjects } from "../../src/objects/measure.js";
import { measurementsCsv } from "../../src/objects/measurement-table.js";
import { separateObjects } from "../../src/objects/separate-objects.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { untrained } from "../interchange/untrained.js";
import { noise, writeZarr } from "../slides/zarr-image.js";
import { fakeServices } from "./fakes.js";
import { filesOf, inFolder, runCli } from "./run.js";

const program = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
const [width, height, side] = [200, 150, 32];
const SHARDS = 3;
const args = `predict --checkpoint c.safetensors --input a.ome.zarr --chunk ${side}`.split(" ");
const fake = { ...fakeServices(), services: engine };

/** Smooth noise of 8 bits. */
const value = ([y, x]: readonly number[]) =>
  128 + 90 * Math.sin(x / 5 + y / 17) * Math.sin(y / 4) + noise([y, x]) / 2048;

async function prepare(): Promise<void> {
  await writeZarr(folderStore("a.ome.zarr"), {
    ...{ version: "0.4", axes: "yx", shape: [height, width], chunks: [25, 25], type: "uint8" },
    value: (place) => Math.round(value(place)),
    pixelSize: 0.5,
  });
  await writeFile("c.safetensors", encodeSafetensors(untrained({ base: 2, depth: 1 })));
}

const run = async (...words: string[]) => {
  const { code, stdout, stderr } = await runCli(words, fake);
  assert.is(code, 0, stderr);
  return stdout;
};

/** The array at a path of a store. */
async function planeOf(folder: string, path: string, axes: string[]) {
  const source = cachedSource(await openZarrArray(folderStore(folder), path, axes));
  return await source.read({ x: 0, y: 0, width, height });
}

test("the store of killed shards, its objects and their table are those of one run and of the whole image", async () => {
  await inFolder(async () => {
    await prepare();
    await run(...args, "-o", "whole", "--shard", "0/1");
    const cell = (await planeOf("whole/a.partial.ome.zarr", "0", ["c", "y", "x"])) as Uint16Array;
    // Half of the pixels are above, in objects of all sizes.
    const threshold = cell.slice().sort()[cell.length / 2] / 65535;
    const how = ["--cell-threshold", `${threshold}`, "--separation", "0.5", "--smallest", "3"];
    await run("merge", "whole", ...how);

    const command = [program, ...args, "-o", "out", "--shard", `0/${SHARDS}`];
    const child = spawn(process.execPath, command, {
      env: { ...process.env, MICROGRAPH_KERNEL_CACHE: "off", MICROGRAPH_DOCTOR: "off" },
      stdio: "ignore",
    });
    const exit = once(child, "exit");
    const journal = `out/a.progress/0-of-${SHARDS}.jsonl`;
    while (!(await readFile(journal, "utf8").catch(() => "")).includes("started")) await wait(2);
    child.kill("SIGKILL");
    assert.equal(await exit, [null, "SIGKILL"]);
    for (let i = SHARDS - 1; i > 0; i--)
      await run(...args, "-o", "out", "--shard", `${i}/${SHARDS}`);
    const status = await runCli(["status", "out"]);
    assert.is(status.code, 75);
    assert.match(status.stdout, /^a: 3 shards: 2 done, 1 silent \(killed\?\)/);
    const early = await runCli(["merge", "out", ...how]);
    assert.is(early.code, 75, early.stderr);
    await run(...args, "-o", "out", "--shard", `0/${SHARDS}`);
    // As a process leaves that was killed while it wrote.
    await writeFile("out/a.partial.ome.zarr/0/.0.node-7-1.tmp", "half");
    await run("merge", "out", ...how);

    const [expected, found] = [await filesOf("whole/a.ome.zarr"), await filesOf("out/a.ome.zarr")];
    assert.equal([...found.keys()], [...expected.keys()]);
    for (const [name, bytes] of expected) assert.is(found.get(name), bytes, name);
    const table = await readFile("out/a-objects.csv", "utf8");
    assert.is(table, await readFile("whole/a-objects.csv", "utf8"));

    const labels = separateObjects(
      { width, height, cell },
      { threshold, separation: 0.5, smallest: 3 },
    );
    assert.ok(labels.count > 20, `${labels.count} objects`);
    const stored = await planeOf("out/a.ome.zarr", "labels/objects/0", ["y", "x"]);
    assert.equal(Int32Array.from(stored), labels.data);
    const data = Uint8Array.from({ length: width * height }, (_, i) =>
      Math.round(value([Math.floor(i / width), i % width])),
    );
    const pixelSize = { x: 0.5, y: 0.5 };
    const image = { width, height, channels: 1, data } as const;
    const objects = measureObjects(labels, { image, pixelSize });
    assert.is(table, measurementsCsv([{ file: "a.ome.zarr", objects, pixelSize }]));
    assert.match(await run("merge", "out", ...how), /it is complete, nothing is left to do/);
  });
});

test.run();
