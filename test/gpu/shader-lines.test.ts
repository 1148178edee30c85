import { test } from "uvu";
import * as assert from "uvu/assert";
import { createPipelines } from "../../src/gpu/pipelines.js";
import { fileLine } from "../../src/gpu/shader-lines.js";
import { unroll } from "../../src/gpu/specialise.js";
import * as shaders from "../../src/shaders/embedded.generated.js";
import type { Shader } from "../../src/shaders/shader.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { shaderFiles } from "../shader-files.js";

/** A line of a function at which a statement begins, from 1. */
interface Statement {
  readonly line: number;
  /** Loops around it that are written out. */
  readonly loops: number;
  /** Whether such a loop is above it. */
  readonly isBehindLoop: boolean;
}

function statements(source: string): Statement[] {
  const found: Statement[] = [];
  const open: boolean[] = []; // for each brace, whether it is that of an unrolled loop
  let parentheses = 0;
  let before = "";
  let isBehindLoop = false;
  for (const [i, line] of source.split("\n").entries()) {
    const [code, comment = ""] = line.split("//").map((part) => part.trim());
    const isStart = /[;{}]$/.test(before) && /^(?!else|case|default)[a-z]/.test(code);
    if (isStart && open.length > 0 && parentheses === 0) {
      found.push({ line: i + 1, loops: open.filter(Boolean).length, isBehindLoop });
    }
    if (/^struct\b|^fn\b|^@compute/.test(code)) isBehindLoop = false;
    if (/^struct\b.*\{$/.test(code)) parentheses++; // its fields are no statements
    for (const sign of code) {
      if (sign === "(") parentheses++;
      else if (sign === ")") parentheses--;
      else if (sign === "{") open.push(comment === "unroll");
      else if (sign === "}" && open.pop()) isBehindLoop = true;
    }
    if (code === "}" && open.length === 0) parentheses = 0;
    if (code !== "") before = code;
  }
  return found;
}

/** For each kind of statement the one in the middle, and the last of all. */
function some(all: readonly Statement[]): Statement[] {
  const kinds = new Map<string, Statement[]>();
  for (const statement of all) {
    const kind = `${Math.min(2, statement.loops)} ${statement.isBehindLoop}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), statement]);
  }
  const picked = [...kinds.values()].map((of) => of[of.length >> 1]);
  return [...new Set([...picked, ...all.slice(-1)])];
}

test("an error in a shader names the line of its file, in and after loops that are written out", async () => {
  const { gpu } = await testDevice();
  const tried = { all: 0, inLoops: 0, behindLoops: 0 };
  for (const shader of Object.values<Shader>(shaders)) {
    const { name } = shader;
    const file = shaderFiles().get(name) as string;
    const enabled = [...file.matchAll(/^enable (\w+);/gm)].map(([, what]) => what);
    if (!enabled.every((what) => gpu.features.has(what === "f16" ? "shader-f16" : what))) continue;
    const lines = (await shader.text()).split("\n");
    for (const { line, loops, isBehindLoop } of some(statements(file))) {
      const broken = lines.with(line - 1, `let wrong=nowhere;${lines[line - 1]}`).join("\n");
      const pipelines = createPipelines(gpu, async () => broken);
      const message = await rejectionOf(pipelines.get(shader, {}));
      const [, found] = message.split(`${name}.wgsl:`);
      assert.match(message, "nowhere");
      assert.is(Number.parseInt(found, 10), line, `${name}.wgsl, line ${line}: ${message}`);
      tried.all++;
      if (loops > 0) tried.inLoops++;
      if (isBehindLoop) tried.behindLoops++;
    }
  }
  assert.ok(tried.all > 100 && tried.inLoops > 40 && tried.behindLoops > 40, JSON.stringify(tried));
});

test("positions on one line of unrolled code are distinguished by their columns", () => {
  const source = [
    "fn f() {",
    "for (var i: u32 = 0; i < 2; i++) { // unroll",
    "",
    "a(i);",
    "if (i > 0) {",
    "b(i);",
    "}",
    "}",
    "",
    "c();}",
  ].join("\n");
  const lines = unroll(source).split("\n");
  const place = (text: string, copy = 0): [number, number] => {
    const at = lines.flatMap((line, i) => (line.includes(text) ? [i] : []))[copy];
    return [at + 1, lines[at].indexOf(text) + 1];
  };
  const lineOf = (text: string, copy?: number) => fileLine(source, unroll, ...place(text, copy));
  assert.is(lineOf("a(0u)"), 4);
  assert.is(lineOf("a(1u)"), 4);
  assert.is(lineOf("if (0u"), 5);
  assert.is(lineOf("b(1u)"), 6);
  assert.is(lineOf("c()"), 10);
});

test.run();
