import { test } from "uvu";
import * as assert from "uvu/assert";
import { shardOf } from "../../src/cli/predict/shard-option.js";

test("a shard is an index from 0 and a count", () => {
  assert.equal(shardOf("3/16", {}), { index: 3, count: 16 });
  assert.equal(shardOf("0/1", { SLURM_ARRAY_TASK_ID: "7" }), { index: 0, count: 1 });
});

test("Slurm's array gives index and count, whatever its first index and step", () => {
  const slurm = (id: string, min: string, count: string, step = "1") => ({
    SLURM_ARRAY_TASK_ID: id,
    SLURM_ARRAY_TASK_MIN: min,
    SLURM_ARRAY_TASK_COUNT: count,
    SLURM_ARRAY_TASK_STEP: step,
  });
  assert.equal(shardOf("auto", slurm("0", "0", "4")), { index: 0, count: 4 });
  assert.equal(shardOf("auto", slurm("4", "1", "4")), { index: 3, count: 4 });
  assert.equal(shardOf("auto", slurm("12", "4", "4", "4")), { index: 2, count: 4 });
  // sbatch --array=0,5,9 says count 3 and step 1: 5 is not a place among three.
  assert.throws(
    () => shardOf("auto", slurm("5", "0", "3")),
    /SLURM_ARRAY_TASK_ID=5.*got the index 5 of 3/,
  );
});

test("with a count the scheduler's index is the shard, so that a few can be submitted again", () => {
  const again = {
    SLURM_ARRAY_TASK_ID: "5",
    SLURM_ARRAY_TASK_MIN: "3",
    SLURM_ARRAY_TASK_COUNT: "2",
  };
  assert.equal(shardOf("auto/16", again), { index: 5, count: 16 });
  assert.equal(shardOf("auto/16", { JOB_COMPLETION_INDEX: "15" }), { index: 15, count: 16 });
  assert.throws(() => shardOf("auto/16", { JOB_COMPLETION_INDEX: "16" }), /below the count/);
});

test("what is missing or wrong is said in one sentence", () => {
  assert.throws(() => shardOf("auto", {}), /neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX/);
  assert.throws(() => shardOf("auto", { JOB_COMPLETION_INDEX: "1" }), /give the count, as in auto/);
  assert.throws(() => shardOf("auto", { SLURM_ARRAY_TASK_ID: "1" }), /TASK_COUNT is not set/);
  assert.throws(() => shardOf("auto", { SLURM_ARRAY_TASK_ID: "x" }), /TASK_ID=x: expected a whole/);
  for (const text of ["16/16", "1/0", "3", "-1/4", "1/4/2", "a/b"]) {
    assert.throws(() => shardOf(text, {}), /--shard.*expected/, text);
  }
});

test.run();
