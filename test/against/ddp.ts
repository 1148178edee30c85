// `npm run against:ddp`: a step of examples/cluster/train_ddp.py on two processes, which exchange gradients by gloo, next
// to the step of `micrograph train` with the same tiles; also with what a run may have in addition. Needs torch and NumPy; PYTHON sets another Python than
// /usr/bin/python3. The processes get the variables that torchrun sets (that of PyTorch 1.13 fails in Python 3.11). Exits with 1 if an update of the weights differs by more than 1e-4, relative, in the 2-norm.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "../../src/node/checkpoint.js";
import { micrograph, output, repositoryFile } from "./cluster-data.js";

const PLAIN = [
  "--optimizer sgd",
  "--optimizer adam",
  "--optimizer sgd --accumulate 3",
  "--optimizer sgd --learning-rate 1 --clip-norm 0.1 --ema 0.9",
  "--optimizer adam --accumulate 2 --clip-norm 0.01 --ema 0.9 --warmup 4",
  "--optimizer sgd --schedule cosine --steps 2",
  "--optimizer sgd --schedule step --decay-every 1 --decay-factor 0.5 --steps 2 --ema 0.5",
];

/** Every kind of network with its runs. */
const NETWORKS: [string, readonly string[]][] = [
  ["--base 8 --depth 2 --tile 124", PLAIN],
  // Without norms: on small maps they make the rounding of gradients a hundred times as large.
  [
    "--base 4 --depth 4 --padding same --deep-supervision --tile 128",
    ["--optimizer sgd", "--optimizer sgd --accumulate 2"],
  ],
];

const python = process.env.PYTHON ?? "/usr/bin/python3";
const folder = await mkdtemp(join(tmpdir(), "micrograph-ddp-"));
const at = (name: string) => join(folder, name);
try {
  console.log(`PyTorch ${output(python, ["-c", "import torch; print(torch.__version__)"])}`);
  let worst = 0;
  for (const [number, [words, cases]] of NETWORKS.entries()) {
    const network = `${words} --dropout 0 --batch 2 --steps 1`.split(" ");
    await micrograph(["train", ...network, "--seed", "1", "-o", at(`first-${number}`)]);
    const from = at(`first-${number}/last.safetensors`);
    const module = at(`network-${number}`);
    await micrograph(["export", "--checkpoint", from, "--to", "pytorch", "-o", module]);
    console.log(words);
    for (const [index, options] of cases.entries()) {
      const name = `${number}-${index}`;
      const run = at(`run-${name}`);
      const how = ["--w0", "10", "--augmentation", "paper", ...options.split(" ")];
      await micrograph(["train", ...network, ...how, "--from", from, "-o", run]);
      await micrograph(["tiles", run, "-o", at(`tiles-${name}`)]);
      const script = repositoryFile("examples/cluster/train_ddp.py");
      const trained = at(`${name}.safetensors`);
      await launch([script, module, at(`tiles-${name}`), trained]);
      const error = await difference(from, `${run}/last.safetensors`, trained);
      console.log(`  ${options}: the update differs by ${error.toExponential(2)} of its norm`);
      worst = Math.max(worst, error);
    }
  }
  if (!(worst <= 1e-4)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs two processes of one program of PyTorch. Throws if one fails. */
async function launch(words: readonly string[]): Promise<void> {
  const common = { MASTER_ADDR: "127.0.0.1", MASTER_PORT: "29517", WORLD_SIZE: "2" };
  const children = [0, 1].map((rank) => {
    const own = { RANK: `${rank}`, LOCAL_RANK: `${rank}`, OMP_NUM_THREADS: "1" };
    return spawn(python, words, { env: { ...process.env, ...common, ...own }, stdio: "inherit" });
  });
  for (const [code] of await Promise.all(children.map((child) => once(child, "exit")))) {
    if (code !== 0) throw new Error(`${words[0]}: exit code ${code}`);
  }
}

/** The 2-norm of the difference of two updates from the same weights, by that of the first. */
async function difference(from: string, ours: string, theirs: string): Promise<number> {
  const [start, one, other] = await Promise.all(
    [from, ours, theirs].map(async (path) => (await loadCheckpoint(path)).tensors),
  );
  let [off, norm] = [0, 0];
  for (const [name, { data }] of start) {
    if (name.startsWith("optimizer.")) continue;
    const [a, b] = [one.get(name)?.data, other.get(name)?.data];
    if (!a || !b) throw new Error(`${name} is missing`);
    for (let i = 0; i < data.length; i++) {
      off += (a[i] - b[i]) ** 2;
      norm += (a[i] - data[i]) ** 2;
    }
  }
  return Math.sqrt(off / norm);
}
