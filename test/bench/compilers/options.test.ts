import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CHIPS, familyOf } from "../../../bench/compilers/families.js";
import { installation, missingFor } from "../../../bench/compilers/installation.js";
import { parseOptions } from "../../../bench/compilers/options.js";

const folder = mkdtempSync(join(tmpdir(), "micrograph-test-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const shadersWith = (name: string) => {
  const path = join(folder, `shaders-${name}`);
  mkdirSync(path);
  writeFileSync(join(path, name), "");
  return path;
};

/** Returns what is printed if the options are refused. */
function refusal(...args: string[]): string {
  const { write } = process.stderr;
  let printed = "";
  process.stderr.write = ((text: string) => {
    printed += text;
    return true;
  }) as typeof write;
  try {
    parseOptions(args);
  } catch {
    return printed.trim();
  } finally {
    process.stderr.write = write;
  }
  return "nothing was refused";
}

test("without options: seven families at two sizes", () => {
  const { families, sizes, all, only, without } = parseOptions([]);
  assert.is(
    families.map(({ name }) => name).join(" "),
    "navi21 navi31 navi31-w32 gfx1201 dg2 lnl sm_90",
  );
  assert.equal(sizes, [
    { width: 64, tile: 572 },
    { width: 16, tile: 284 },
  ]);
  assert.equal([all, only, without], [false, "", []]);
});

test("families are distinguished by their chips, with a subgroup size after -w", () => {
  assert.equal(familyOf("navi31-w32"), {
    name: "navi31-w32",
    maker: "amd",
    chip: "navi31",
    subgroup: 32,
  });
  assert.equal(familyOf("sm_86"), { name: "sm_86", maker: "nvidia", chip: "sm_86" });
  assert.is(familyOf("dg2-w8").subgroup, 8);
  for (const [maker, chips] of Object.entries(CHIPS)) {
    for (const chip of chips) assert.is(familyOf(chip).maker, maker);
  }
});

test("repeatable options add up", () => {
  const given = ["dg2", "--size", "16x284", "--size", "8x188", "--without", "subgroups"];
  const more = ["--without", "subgroup-size-control", "--assume", "split", "--dawn", "a=b"];
  const { sizes, without, assume, dawn } = parseOptions([...given, ...more]);
  assert.equal(sizes, [
    { width: 16, tile: 284 },
    { width: 8, tile: 188 },
  ]);
  assert.equal(without, ["subgroups", "subgroup-size-control"]);
  assert.equal([assume, dawn], [["split"], ["a=b"]]);
});

const WRONG: readonly (readonly [string[], RegExp])[] = [
  [["navi99"], /there is no family "navi99", expected some of vega10.*sm_90/],
  [["dg2-w64"], /"dg2-w64" has no subgroups of 64, expected dg2-w8 or dg2-w16 or dg2-w32/],
  [["sm_90-w32"], /"sm_90-w32" has no subgroups of 32, expected sm_90/],
  [["--size", "64"], /--size .*'64' is invalid. Expected channels and pixels, such as 64x572/],
  [["--size", "0x284"], /--size .*'0x284' is invalid/],
  [["--size", "16x100"], /--size: .*100/],
  [["--without", "subgroup"], /--without .*'subgroup' is invalid.*subgroup-size-control/],
  [["--assume", "luck"], /--assume .*'luck' is invalid.*prefetch/],
  [["--shaders", join(folder, "none")], /--shaders .*Expected a folder/],
  [["--shaders", shadersWith("readme.txt")], /--shaders .*has no .wgsl file/],
  [["--shaders", shadersWith("conv3d.wgsl")], /--shaders .*conv3d.wgsl replaces no shader/],
  [["--json", join(folder, "none", "a.json")], /--json .*in a folder that exists/],
  [["--json", folder], /--json .*Expected a file that can be written/],
  [["--estimate", join(folder, "none")], /--estimate .*Expected a file that --json wrote/],
  [["--xyzzy"], /unknown option '--xyzzy'/],
];
for (const [args, expected] of WRONG) {
  test(`refused in one sentence: ${args.map((arg) => arg.replace(folder, "...")).join(" ")}`, () => {
    const printed = refusal(...args);
    assert.match(printed, expected);
    assert.is(printed.split("\n").length, 1, printed);
  });
}

test("a folder of shaders that the repository has is taken", () => {
  const { shaders } = parseOptions(["--shaders", shadersWith("conv2d.wgsl")]);
  assert.is(shaders, join(folder, "shaders-conv2d.wgsl"));
});

test("what is not installed is named, with what to do, and the process ends with 2", () => {
  const at = installation(join(folder, "empty"));
  const missing = missingFor([familyOf("sm_90")], at) ?? "";
  assert.match(missing, `sm_90 needs ${join(folder, "empty", "cuda")}, which is missing: run `);
  assert.match(missing, "bench/compilers/install as root on Debian 12");
  const run = fileURLToPath(new URL("../../../bench/compilers/run.js", import.meta.url));
  const env = { ...process.env, GPU_COMPILERS: join(folder, "empty") };
  const { status, stderr, stdout } = spawnSync(process.execPath, [run, "sm_90"], {
    env,
    encoding: "utf8",
  });
  assert.equal([status, stdout], [2, ""]);
  assert.is(stderr, `error: ${missing}\n`);
});

test.run();
