// The whole workflow in separate processes, with an empty cache folder: no state except the files.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sampledTest } from "../sample.js";

const program = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "micrograph-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function micrograph(name: string, ...args: string[]) {
  return micrographWith({}, name, ...args);
}

function micrographWith(settings: Record<string, string>, name: string, ...args: string[]) {
  const cache = join(folder, `cache-${name}`);
  const own = { XDG_CACHE_HOME: cache, MESA_SHADER_CACHE_DIR: cache };
  const env = { ...process.env, ...own, ...settings };
  const result = spawnSync(process.execPath, [program, ...args], { env, encoding: "utf8" });
  assert.is(result.status, 0, result.stderr);
  return result.stdout;
}

/** The output of each run. */
const ends = new Map<string, string>();

test("two runs with one seed in separate processes give the same checkpoint, byte for byte", () => {
  const options = "--base 2 --depth 1 --tile 28 --steps 6 --validate-every 3".split(" ");
  for (const run of ["a", "b"]) {
    ends.set(run, micrograph(run, "train", ...options, "-o", join(folder, run)));
  }
  for (const file of ["last.safetensors", "best.safetensors"]) {
    const [a, b] = ["a", "b"].map((run) => readFileSync(join(folder, run, file)));
    assert.ok(a.equals(b), file);
  }
});

sampledTest(
  "a resumed run uses the kernels that it began with, whatever has been tuned since",
  () => {
    const file = join(folder, "kernels.json");
    const kept = { MICROGRAPH_KERNEL_CACHE: file };
    const network = "--base 2 --depth 1 --tile 28".split(" ");
    const tuned = JSON.parse(micrographWith(kept, "a", "tune", ...network, "--json"));
    if (tuned.layers.length > 0) {
      // Other kernels than the defaults, so that they leave a trace in the bits.
      const cache = JSON.parse(readFileSync(file, "utf8"));
      for (const { key, candidates, default: usual } of tuned.layers) {
        const kernels = candidates.map(({ kernel }: { kernel: string }) => kernel);
        cache.entries[0].choices[key] = kernels.find((kernel: string) => kernel !== usual);
      }
      writeFileSync(file, JSON.stringify(cache));
    }
    const steps = [...network, "--validate-every", "3"];
    const into = (name: string) => ["-o", join(folder, name)];
    micrographWith(kept, "a", "train", ...steps, "--steps", "6", ...into("whole"));
    micrographWith(kept, "a", "train", ...steps, "--steps", "3", ...into("parts"));
    micrograph("a", "train", "--resume", join(folder, "parts"), "--steps", "6");
    const [whole, parts] = ["whole", "parts"].map((run) =>
      readFileSync(join(folder, run, "last.safetensors")),
    );
    assert.ok(whole.equals(parts));
    const differs = !whole.equals(readFileSync(join(folder, "a", "last.safetensors")));
    assert.is(differs, tuned.layers.length > 0, "the choices are followed");
  },
);

test("the command that a run ends with predicts its sample", () => {
  const command = /^.* (predict --checkpoint .*)$/m.exec(ends.get("a") ?? "")?.[1];
  assert.ok(command, ends.get("a"));
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, "cache-a") };
  const words = `"${process.execPath}" "${program}" ${command}`;
  const { status, stderr } = spawnSync(words, { env, cwd: folder, shell: true, encoding: "utf8" });
  assert.is(status, 0, stderr);
  const out = join(folder, "predictions");
  assert.ok(readFileSync(join(out, "synthetic-09-probability.png")).length > 1000);
  assert.ok(readFileSync(join(out, "synthetic-09.png")).length > 100);
});

test.run();
