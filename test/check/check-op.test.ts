import { test } from "uvu";
import * as assert from "uvu/assert";
import { apply, type Op, type OpCase, checkOp as publicCheck, relu } from "../../src/operations.js";
import { perGroup } from "../../src/ops/common/per-group.js";
import * as shaders from "../../src/shaders/embedded.generated.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

const reluCase: OpCase = {
  name: "relu",
  inputs: { x: { shape: [1, 2, 5, 7] } },
  build: ({ x }) => relu(x),
  reference: ({ x }) => x.map((value) => Math.max(0, value)),
};

const checkOp = async (testCase: OpCase) => publicCheck(await testDevice(), testCase);
const problemsOf = async (testCase: OpCase) =>
  (await checkOp(testCase)).flatMap(({ problem }) => problem ?? []);

/** A case of an op of a user, without a gradient. */
function caseOf(op: Op<undefined>, width: number, reference: OpCase["reference"]): OpCase {
  return {
    name: op.name,
    inputs: { x: { shape: [1, 1, 1, width], differentiable: false } },
    build: ({ x }) => apply(op, [x], undefined)[0],
    reference,
  };
}

test("a right op passes with a row for its output, its gradient and the padding of both", async () => {
  const rows = await checkOp(reluCase);
  assert.equal(
    rows.map(({ what, kernel, passed, problem }) => ({ what, kernel, passed, problem })),
    [
      { what: "forward", kernel: "relu" },
      { what: "padding of forward", kernel: "relu" },
      { what: "gradient of x", kernel: "relu-gradient" },
      { what: "padding of gradient of x", kernel: "relu-gradient" },
    ].map((row) => ({ ...row, passed: true, problem: undefined })),
  );
  assert.equal(
    rows.map(({ tolerance }) => tolerance),
    [1e-5, 0, 1e-4, 0],
  );
  assert.ok(rows.every(({ error, tolerance }) => error <= tolerance));
});

test("a wrong answer and a wrong gradient are rows with the size of the error", async () => {
  const wrong = await checkOp({
    ...reluCase,
    reference: (arrays) => Float64Array.from(reluCase.reference(arrays), (value) => 2 * value),
  });
  assert.equal(
    wrong.map(({ what, passed }) => [what, passed]),
    [
      ["forward", false],
      ["padding of forward", true],
      ["gradient of x", false],
      ["padding of gradient of x", true],
    ],
  );
  assert.is(wrong[0].problem, "relu, kernel relu: forward is off by 0.5, the tolerance is 0.00001");
});

test("every kernel that an op offers is checked, and one that cannot run is a row", async () => {
  const op: Op<undefined> = {
    name: "own",
    outputs: ([x]) => [x],
    kernels: [
      {
        name: "relu",
        dispatches: ({ inputs: [x], outputs: [y] }) => [
          perGroup(shaders.relu, y, { bindings: [x, y] }),
        ],
      },
      {
        name: "twice",
        dispatches: ({ inputs: [x], outputs: [y] }) => [
          perGroup(shaders.scale, y, { bindings: [x, y], uniforms: { factor: 2 } }),
        ],
      },
      {
        name: "broken",
        dispatches: ({ inputs: [x], outputs: [y] }) => [
          { ...perGroup(shaders.relu, y, { bindings: [x, y] }), constants: { MISSING: 1 } },
        ],
      },
    ],
  };
  const rows = await checkOp(caseOf(op, 7, reluCase.reference));
  const failed = rows.filter(({ passed }) => !passed);
  assert.equal(
    failed.map(({ what, kernel }) => [what, kernel]),
    [
      ["forward", "twice"],
      ["forward", "broken"],
    ],
  );
  assert.match(failed[1].problem as string, /own, kernel broken: .*MISSING/);
});

test("what a kernel leaves unwritten, or writes past a row's width, does not pass", async () => {
  const half: Op<undefined> = {
    name: "half-written",
    outputs: ([x]) => [x],
    kernels: [
      {
        name: "half-written",
        dispatches: ({ inputs: [x], outputs: [y] }) => [
          perGroup(shaders.relu, { ...y, shape: [1, 1, 1, 4] }, { bindings: [x, y] }),
        ],
      },
    ],
  };
  const unwritten = await problemsOf(
    caseOf(half, 1024, ({ x }) => x.map((value) => Math.max(0, value))),
  );
  assert.equal(unwritten, [
    "half-written, kernel half-written: forward is off by NaN, the tolerance is 0.00001",
  ]);
  const narrow: Op<undefined> = {
    name: "narrower",
    outputs: ([{ layout }]) => [{ shape: [1, 1, 1, 5], layout }],
    kernels: [
      {
        name: "narrower",
        dispatches: ({ inputs: [x], outputs: [y] }) => [
          perGroup(shaders.scale, y, { bindings: [x, y], uniforms: { factor: 1 } }),
        ],
      },
    ],
  };
  const past = await problemsOf(caseOf(narrow, 7, ({ x }) => x.slice(0, 5)));
  assert.is(past.length, 1);
  assert.match(
    past[0],
    /^narrower, kernel narrower: forward has -?[\d.]+ past the width of 5 pixels/,
  );
});

test("a case that cannot be meant is refused by name", async () => {
  const { reference } = reluCase;
  const refused = (change: Partial<OpCase>) => rejectionOf(checkOp({ ...reluCase, ...change }));
  assert.is(
    await refused({ reference: (arrays) => Float64Array.from(reference(arrays)).slice(1) }),
    "relu: the reference has 69 values, the output 70",
  );
  assert.is(
    await refused({ referenceGradients: () => ({}) }),
    "relu: referenceGradients gives no values for x, expected 70; an input without a gradient has differentiable: false",
  );
  assert.is(
    await refused({ inputs: { x: { shape: [2, 3], values: [1, 2] } } }),
    "relu: input x has 2 values, expected 6",
  );
  assert.match(await refused({ refrence: reference } as never), /^checkOp has no option refrence/);
});

test.run();
