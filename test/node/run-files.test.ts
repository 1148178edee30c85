import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  ensureFolder,
  readFileOrExplain,
  temporaryPath,
  writeFileAtomic,
} from "../../src/node/run-files.js";
import { checkPath, type FileCalls, systemOf } from "../../src/node/system.js";

const test = suite<{ folder: string }>("files");
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "micrograph-files-"));
});
test.after.each(async ({ folder }) => rm(folder, { recursive: true }));

async function messageOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("expected a failure");
}

test("a file is replaced whole and nothing else stays in the folder", async ({ folder }) => {
  const path = join(folder, "last.safetensors");
  await writeFileAtomic(path, "old and long");
  await writeFileAtomic(path, Uint8Array.of(110, 101, 119));
  assert.is(await readFile(path, "utf8"), "new");
  assert.equal(await readdir(folder), ["last.safetensors"]);
});

test("a full disk leaves the old file, with an error", async ({ folder }) => {
  if (process.platform !== "linux") return;
  const path = join(folder, "last.safetensors");
  await writeFile(path, "old");
  // The kernel's always-full device is at the path of the temporary file.
  await symlink("/dev/full", temporaryPath(path));
  const message = await messageOf(writeFileAtomic(path, "new"));
  assert.is(message, `${path}: cannot be written: no space left on the device`);
  assert.is(await readFile(path, "utf8"), "old");
  assert.equal(await readdir(folder), ["last.safetensors"]);
});

test("a path through a file is explained", async ({ folder }) => {
  const file = join(folder, "file");
  await writeFile(file, "");
  assert.match(await messageOf(writeFileAtomic(join(file, "a"), "")), /not a folder$/);
  assert.match(await messageOf(ensureFolder(join(file, "a"))), /not a folder$/);
  assert.match(await messageOf(ensureFolder(file)), /a file of that name is in the way$/);
  // Node's own recursive form never returns here.
  if (process.platform === "linux") {
    assert.match(await messageOf(ensureFolder("/proc/micrograph/run")), /cannot be created/);
  }
});

test("an existing folder is not changed", async ({ folder }) => {
  await ensureFolder(join(folder, "a", "b"));
  await ensureFolder(join(folder, "a", "b"));
  assert.equal(await readdir(join(folder, "a")), ["b"]);
});

test("a missing file is named with what it was wanted for", async ({ folder }) => {
  const path = join(folder, "none");
  const message = await messageOf(readFileOrExplain(path, "checkpoint"));
  assert.is(message, `${path}: the checkpoint cannot be read: no such file or folder`);
  assert.match(await messageOf(readFileOrExplain(folder, "image")), /it is a folder, not a file$/);
});

/** A file system of Windows in which a file is held open for some tries. */
function heldOpen(tries: number) {
  const log: string[] = [];
  const files: FileCalls = {
    async open(path) {
      log.push(`open ${path}`);
      return { writeFile: async () => {}, sync: async () => {}, close: async () => {} };
    },
    async rename(from, to) {
      log.push(`rename ${to}`);
      if (log.filter((line) => line.startsWith("rename")).length <= tries) {
        throw Object.assign(new Error(`EPERM: ${from}`), { code: "EPERM" });
      }
    },
    async unlink(path) {
      log.push(`unlink ${path}`);
    },
  };
  let waited = 0;
  const wait = async (milliseconds: number) => {
    waited += milliseconds;
  };
  return { log, waited: () => waited, system: { ...systemOf("win32", files), wait } };
}

test("on Windows a file that is held open for a moment is replaced all the same", async () => {
  const { log, waited, system } = heldOpen(3);
  await writeFileAtomic("C:\\data\\run\\last.safetensors", "new", system);
  assert.match(log[0], /^open C:\\data\\run\\\.last\.safetensors\.[\w-]+-\d+\.tmp$/);
  assert.equal(log.slice(1), Array(4).fill("rename C:\\data\\run\\last.safetensors"));
  assert.is(waited(), 80);
});

test("a file that stays open in another program is explained, and the temporary one is removed", async () => {
  const { log, waited, system } = heldOpen(100);
  assert.is(
    await messageOf(writeFileAtomic("\\\\server\\share\\metrics.csv", "new", system)),
    "\\\\server\\share\\metrics.csv: cannot be written: Windows does not allow replacing it: another " +
      "program has it open, or there is no permission: close it there and try again",
  );
  assert.match(log[log.length - 1], /^unlink \\\\server\\share\\\.metrics\.csv\.[\w-]+-\d+\.tmp$/);
  assert.ok(waited() < 3000);
});

test("elsewhere a refused renaming is an error at once", async () => {
  const { log, waited, system } = heldOpen(1);
  const here = { ...system, ...systemOf("linux", system.files), wait: system.wait };
  assert.match(await messageOf(writeFileAtomic("/data/a", "new", here)), /not permitted/);
  assert.equal([log.length, waited()], [3, 0]);
});

test("names that Windows would take for something else are refused there, and only there", async ({
  folder,
}) => {
  const windows = systemOf("win32");
  const check = (path: string) => messageOf((async () => checkPath(path, windows))());
  assert.match(await check("out\\con"), /"con": Windows reserves this name for a device/);
  assert.match(await check("C:/data/aux.png"), /Windows reserves this name for a device/);
  assert.match(await check("runs\\COM1.txt\\a.png"), /for a device/);
  assert.match(await check("runs\\a."), /it ends in a dot or a space/);
  assert.match(await check("runs\\a \\b.png"), /it ends in a dot or a space/);
  assert.match(await check("runs\\a?.png"), /it contains "\?"/);
  assert.match(await check("runs\\a:b.png"), /it contains ":"/);
  for (const path of [
    "C:\\data\\a.png",
    "\\\\server\\share\\a b",
    "..\\a\\.\\b",
    "con1",
    "auxiliary.png",
  ]) {
    checkPath(path, windows);
  }
  if (process.platform !== "win32") await writeFileAtomic(join(folder, "con"), "");
});

test.run();
