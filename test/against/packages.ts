// `npm run against:packages`: packs the package, installs it like a user, and checks it with
// publint, with are-the-types-wrong, and with the TypeScript versions in use, strictly and without
// skipLibCheck. The tools are installed in a temporary folder. Exits with 1 if one finds anything.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const VERSIONS = ["5.4", "5.9", "6", "7"];
const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  target: "es2022",
  lib: ["es2022", "esnext.disposable", "dom"],
};
const MODULES = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

/** A program that uses options that may be undefined, and releases what it has to. */
const PROGRAM = `
import * as core from "micrograph/core";
import { type Dispatch, conv2d, input, type OutputSpec, type Tensor } from "micrograph/ops";

export type Used = Dispatch | OutputSpec;
export async function use(device: core.Device, maybe: Tensor | undefined, signal?: AbortSignal) {
  const x = input("x", [1, 1, 8, 8]);
  const y = conv2d(x, input("w", [1, 2, 3, 3], "dense"), undefined, { skip: maybe });
  using plan = await core.compilePlan(device, { name: "one", outputs: [y] }, { signal });
  using state = core.createState(device, "one", 64);
  const values: Float32Array = await plan.read(y);
  state.write(new Float32Array(64));
  return [values, device.gpu.limits.maxBufferSize, state.buffer.size];
}
`;

let failures = 0;

function run(what: string, command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  console.log(`${status === 0 ? "passed" : "FAILED"}  ${what}`);
  if (status === 0) return;
  failures++;
  console.log(`${stdout}${stderr}`.split("\n").slice(0, 40).join("\n"));
}

const folder = mkdtempSync(join(tmpdir(), "micrograph-packages-"));
try {
  const npm = (args: readonly string[], cwd: string) =>
    execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const packed = npm(["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], root);
  const archive = join(folder, packed.trim().split("\n").at(-1) as string);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const compilers = VERSIONS.map((version) => `typescript-${version}@npm:typescript@${version}`);
  const tools = ["publint", "@arethetypeswrong/cli", "@types/node@20"];
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"];
  npm(["install", ...quiet, archive, ...compilers, ...tools], folder);
  const bin = (path: string) => join(folder, "node_modules", path);
  const inPackage = readFileSync(join(root, "package.json"), "utf8");
  const entries = Object.keys(JSON.parse(inPackage).exports).filter((key) => !key.includes("*"));
  const imports = entries.map((key, i) => {
    return `import * as entry${i} from "${key.replace(".", "micrograph")}"; export { entry${i} };`;
  });
  writeFileSync(join(folder, "entries.ts"), `${imports.join("\n")}\n`);
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  run("publint", process.execPath, [bin("publint/src/cli.js"), "--strict", archive], folder);
  const attw = [bin("@arethetypeswrong/cli/dist/index.js"), archive, "--profile", "esm-only"];
  const shaders = ["--exclude-entrypoints", "./shaders/*"]; // text, which has no types
  run("are-the-types-wrong", process.execPath, [...attw, ...shaders], folder);
  for (const version of VERSIONS) {
    for (const [name, module] of Object.entries(MODULES)) {
      const compilerOptions = { ...OPTIONS, ...module, types: ["node"] };
      const config = { compilerOptions, files: ["entries.ts", "program.ts"] };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
      const compiler = bin(`typescript-${version}`);
      const { version: exact } = JSON.parse(readFileSync(join(compiler, "package.json"), "utf8"));
      run(`TypeScript ${exact}, ${name}`, process.execPath, [join(compiler, "bin/tsc")], folder);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failures === 0 ? 0 : 1;
