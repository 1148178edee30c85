import { test } from "uvu";
import * as assert from "uvu/assert";
import { evaluate, specialise, unroll } from "../../src/gpu/specialise.js";
import { messageOf } from "../errors.js";

const SOURCE = `// A kernel.
const SIZE: u32 = 4; // items
const SIZES: u32 = SIZE * 2; // twice
const SHIFT: i32 = -1;
const FACTOR: f32 = 1.0;
const FLAG: bool = false;
`;

test("constants are rewritten in their lines, with literals of their types, and no others", () => {
  const constants = { SIZE: 12, SHIFT: -3, FACTOR: 2, FLAG: 1 };
  const code = specialise("kernel", SOURCE, constants);
  assert.ok(code.includes("const SIZE: u32 = 12; // items\n"));
  assert.ok(code.includes("const SIZES: u32 = SIZE * 2; // twice\n"));
  assert.ok(code.includes("const SHIFT: i32 = -3;\n"));
  assert.ok(code.includes("const FACTOR: f32 = 2.0;\n"));
  assert.ok(code.includes("const FLAG: bool = true;\n"));
  assert.ok(specialise("kernel", SOURCE, { FACTOR: 0.25 }).includes("f32 = 0.25;"));
  assert.ok(specialise("kernel", SOURCE, { FACTOR: 1e21 }).includes("f32 = 1e+21;"));
  assert.ok(specialise("kernel", SOURCE, { FLAG: 0 }).includes("bool = false;"));
  assert.is(specialise("kernel", SOURCE), SOURCE);
});

test("a constant that the shader does not have is an error", () => {
  assert.is(
    messageOf(() => specialise("kernel", SOURCE, { WIDTH: 1 })),
    "shader kernel has no const WIDTH",
  );
  // A const inside a function is not a constant of the module.
  const local = "fn main() {\n  const WIDTH: u32 = 1;\n}\n";
  assert.is(
    messageOf(() => specialise("kernel", local, { WIDTH: 1 })),
    "shader kernel has no const WIDTH",
  );
});

test("a value that its type cannot hold is an error", () => {
  assert.is(
    messageOf(() => specialise("kernel", SOURCE, { SIZE: -1 })),
    "kernel: SIZE must be a u32, got -1",
  );
  assert.is(
    messageOf(() => specialise("kernel", SOURCE, { SIZE: 1.5 })),
    "kernel: SIZE must be a u32, got 1.5",
  );
  assert.is(
    messageOf(() => specialise("kernel", SOURCE, { SHIFT: 0.5 })),
    "kernel: SHIFT must be a i32, got 0.5",
  );
  for (const value of [Number.NaN, Infinity]) {
    assert.is(
      messageOf(() => specialise("kernel", SOURCE, { FACTOR: value })),
      `kernel: FACTOR must be a f32, got ${value}`,
    );
  }
});

const tight = (code: string) => code.replace(/\s+/g, " ").trim();

test("a marked loop is written out, an unmarked one is left", () => {
  const marked = "for (var i: u32 = 0; i < 3; i++) { // unroll\n  y[i] = x[i] + xi;\n}\n";
  assert.is(
    tight(unroll(marked)),
    "{ y[0u] = x[0u] + xi; } { y[1u] = x[1u] + xi; } { y[2u] = x[2u] + xi; }",
  );
  const plain = marked.replace(" // unroll", "");
  assert.is(unroll(plain), plain);
});

test("nested loops are written out, inner bounds by the constants of the module", () => {
  const code = `const N: u32 = 2;
const M: u32 = N * N - 3;
for (var i: u32 = 0; i < N; i++) { // unroll
  if (i == 0) { a(); }
  for (var j: u32 = 0; j < N + M - 1; j++) { // unroll
    f(i, j);
  }
}
`;
  assert.is(
    tight(unroll(code).split("\n").slice(2).join("\n")),
    "{ if (0u == 0) { a(); } { f(0u, 0u); } { f(0u, 1u); } } " +
      "{ if (1u == 0) { a(); } { f(1u, 0u); } { f(1u, 1u); } }",
  );
});

test("a loop of bound 0 vanishes; consecutive loops each keep their variable", () => {
  const code = `for (var i: u32 = 0; i < 0; i++) { // unroll
  f(i);
}
for (var i: u32 = 0; i < 1; i++) { // unroll
  g(i);
}
`;
  assert.is(tight(unroll(code)), "{ g(0u); }");
});

test("braces in comments do not end a loop", () => {
  const code = "for (var i: u32 = 0; i < 1; i++) { // unroll\n  f(i); // set }\n  g(i);\n}\nh();\n";
  assert.is(tight(unroll(code)), "{ f(0u); // set } g(0u); } h();");
});

test("a loop that is not closed is an error", () => {
  assert.is(
    messageOf(() => unroll("for (var i: u32 = 0; i < 2; i++) { // unroll\n  f(i);\n")),
    "a loop over i to 2 is not closed",
  );
});

test("a bound that no constant gives is an error", () => {
  const loop = (bound: string) => `for (var i: u32 = 0; i < ${bound}; i++) { // unroll\n}\n`;
  assert.is(
    messageOf(() => unroll(loop("uniforms.count"))),
    'cannot evaluate "uniforms.count" in a shader',
  );
  assert.is(
    messageOf(() => unroll(loop("N"))),
    'cannot evaluate "N" in a shader',
  );
});

test("evaluate handles + - * / % and parentheses like WGSL's integers", () => {
  const constants = new Map([
    ["A", 7],
    ["B", 2],
  ]);
  for (const [expression, value] of [
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["A / B", 3],
    ["A % B * 3 - 1", 2],
    ["10 - 4 - 3", 3],
    ["2u * (A - (B + 1))", 8],
    ["100 / 10 / 5", 2],
    ["(A + 3) / 4", 2],
  ] as const) {
    assert.is(evaluate(expression, constants), value, expression);
  }
  for (const expression of [
    "",
    "1 +",
    "(1",
    "1)",
    "1 2",
    "C",
    "1 << 2",
    "A & 3",
    "A / 0",
    "A % 0",
  ]) {
    assert.is(
      messageOf(() => evaluate(expression, constants)),
      `cannot evaluate "${expression}" in a shader`,
    );
  }
});

test.run();
