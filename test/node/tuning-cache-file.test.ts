import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { saveAvoided } from "../../src/gpu/avoided-kernels.js";
import { saveTuning } from "../../src/gpu/tuning-table.js";
import { cacheFolder } from "../../src/node/cache-folder.js";
import { openDevice } from "../../src/node/open-device.js";
import { fileStorage, tuningCacheFile } from "../../src/node/tuning-cache-file.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-cache-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("the cache lies in the user's cache folder of each system, unless it is named or turned off", () => {
  const at = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}) =>
    cacheFolder({ platform, env }, "/home/ada");
  assert.is(at("linux"), join("/home/ada", ".cache"));
  assert.is(at("linux", { XDG_CACHE_HOME: "/fast" }), "/fast");
  assert.is(at("darwin"), join("/home/ada", "Library", "Caches"));
  assert.is(at("win32", { LOCALAPPDATA: "C:\\Local" }), "C:\\Local");
  assert.ok(tuningCacheFile("")?.endsWith(join("micrograph", "kernels.json")));
  assert.is(tuningCacheFile("/a/b.json"), "/a/b.json");
  assert.is(tuningCacheFile("off"), undefined);
  assert.is(tuningCacheFile(), undefined, "tests run without a user's cache");
});

test("the file is created with its folder, complete, and a missing one is not an error", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "a", "b", "kernels.json");
    const storage = fileStorage(path);
    assert.is(await storage.read(), undefined);
    await storage.write("text");
    assert.is(await storage.read(), "text");
    assert.equal(await readdir(join(folder, "a", "b")), ["kernels.json"]);
    assert.match(await rejectionOf(fileStorage(folder).read()), "it is a folder, not a file");
    const below = fileStorage(join(path, "kernels.json"));
    assert.match(await rejectionOf(below.write("text")), "the folder cannot be created");
  });
});

test("openDevice loads stored choices by default, and reports what is broken", async () => {
  const before = process.env.MICROGRAPH_KERNEL_CACHE;
  await inFolder(async (folder) => {
    const path = join(folder, "kernels.json");
    process.env.MICROGRAPH_KERNEL_CACHE = path;
    const device = await testDevice();
    const choices = new Map([["conv2d layer", "buffer"]]);
    await saveTuning({ ...device, choices }, fileStorage(path));
    const remarks: string[] = [];
    const open = async (kernelCache?: boolean) => {
      const opened = await openDevice({ kernelCache, onRemark: (text) => remarks.push(text) });
      const found = [...opened.choices];
      opened.close();
      return found;
    };
    assert.equal(await open(), [["conv2d layer", "buffer"]]);
    assert.equal(await open(false), []);
    const avoided = { "conv2d winograd": "off by 0.5" };
    const doctor = fileStorage(join(folder, "kernels-doctor.json"));
    // What clears the list is named, and does so.
    for (const [scope, command] of [
      ["quick", "doctor"],
      ["normal", "doctor"],
      ["full", "doctor --full"],
    ] as const) {
      await saveAvoided(device, doctor, { scope, avoided });
      await open();
      assert.equal(remarks.splice(0), [
        "the doctor found kernels that are wrong on this adapter and are not used: conv2d winograd. " +
          `micrograph ${command} examines them again, and forgets those that are right now`,
      ]);
      await saveAvoided(device, doctor, {
        scope: scope === "full" ? scope : "normal",
        avoided: {},
      });
      await open();
      assert.equal(remarks, []);
      await rm(join(folder, "kernels-doctor.json"));
    }
    await writeFile(path, (await readFile(path, "utf8")).slice(0, 60));
    assert.equal(remarks, []);
    assert.equal(await open(), []);
    assert.equal(remarks, [`${path}: ignoring the tuning cache: it is not JSON`]);
  }).finally(() => {
    process.env.MICROGRAPH_KERNEL_CACHE = before;
  });
});

test.run();
