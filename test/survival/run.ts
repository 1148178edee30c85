// `npm run faults`: lets every call of WebGPU fail in turn, in every way in which it can. Words choose
// works and ways ("training lost"); `--part 2/5` runs every fifth call.

import { KINDS, type Kind, openFaulty } from "./faulty-gpu.js";
import { tryFault, undisturbed } from "./trial.js";
import { anyCheckpoint, worksOf } from "./works.js";

const given = process.argv.slice(2);
const [part = 1, parts = 1] = (given[given.indexOf("--part") + 1] ?? "")
  .split("/")
  .map(Number)
  .filter((number) => number > 0);
const chosen = (names: readonly string[]) => {
  const named = names.filter((name) => given.includes(name));
  return named.length > 0 ? named : names;
};

const faulty = await openFaulty();
const works = worksOf(await anyCheckpoint(faulty.device));
const { adapter } = faulty.device.describe();
console.log(
  `${adapter}: the n-th call of WebGPU fails, for every n${parts > 1 ? ` in part ${part} of ${parts}` : ""}`,
);
let failures = 0;
for (const name of chosen(Object.keys(works))) {
  const work = works[name];
  const { result, counts: calls } = await undisturbed(faulty, work);
  for (const kind of chosen(KINDS) as Kind[]) {
    const counts = { same: 0, error: 0, missed: 0 };
    const messages = new Map<string, number>();
    const problems: string[] = [];
    const startMs = performance.now();
    const numbers = Array.from({ length: calls.get(kind) ?? 0 }, (_, i) => i + 1);
    const ours = numbers.filter((number) => number % parts === part - 1);
    for (const call of ours) {
      const outcome = await tryFault(faulty, work, result, { kind, call });
      counts[outcome.end]++;
      for (const problem of outcome.problems) problems.push(`call ${call}, ${problem}`);
      const { message } = outcome;
      if (message !== undefined) messages.set(message, (messages.get(message) ?? 0) + 1);
    }
    const seconds = Math.round((performance.now() - startMs) / 1000);
    console.log(
      `${name}, ${kind}: ${ours.length} calls: ${counts.same} with the same result, ` +
        `${counts.error} with an error, ${counts.missed} not reached; ${problems.length} problems (${seconds} s)`,
    );
    if (process.env.SHOW)
      for (const [message, count] of messages) console.log(`  ${count} x ${message}`);
    for (const problem of problems) console.log(`  ${problem}`);
    failures += problems.length;
  }
}
faulty.device.close();
process.exitCode = failures > 0 ? 1 : 0;
