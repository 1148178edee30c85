import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ensureFolder, readFileOrExplain, writeFileAtomic } from "../../src/node/files.js";

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

test("a full disk leaves the old file and says so", async ({ folder }) => {
  if (process.platform !== "linux") return;
  const path = join(folder, "last.safetensors");
  await writeFile(path, "old");
  // The kernel's always-full device stands where the temporary file is opened.
  await symlink("/dev/full", join(folder, `.last.safetensors.${process.pid}.tmp`));
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
    assert.match(await messageOf(ensureFolder("/proc/micrograph/run")), /cannot be made/);
  }
});

test("a folder that is there is left alone", async ({ folder }) => {
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

test.run();
