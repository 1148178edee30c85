// Turns a file of shaders/ into the WGSL of one pipeline. The text is changed in few ways only:
// initialisers of module-scope `const` and `alias` lines are replaced, loops marked `// unroll` are
// written out, a constant SUBGROUP above 0 adds the attribute that requests this subgroup size, and
// a constant F16 makes the type Factor one of 16 bits.

/**
 * Returns the source of the shader `name` with the given constants and its marked loops written
 * out. The textures at the bindings `packed` hold f16.
 */
export function specialise(
  name: string,
  source: string,
  constants: Readonly<Record<string, number>> = {},
  packed: readonly number[] = [],
): string {
  let code = source;
  for (const binding of packed) {
    const alias = new RegExp(`@binding\\(${binding}\\) var \\w+: (\\w+);`).exec(code)?.[1];
    code = code.replace(`alias ${alias} = texture_storage_2d<rgba32`, (line) =>
      line.replace("32", "16"),
    );
  }
  for (const [constant, value] of Object.entries(constants)) {
    const line = new RegExp(`^(const ${constant}: (\\w+) = )[^;]+;`, "m");
    const found = line.exec(code);
    if (!found) throw new Error(`shader ${name} has no const ${constant}`);
    code = code.replace(line, `$1${literal(value, found[2], `${name}: ${constant}`)};`);
  }
  if (constants.SUBGROUP > 0) code = withSubgroups(code);
  return unroll(constants.F16 ? withHalves(code) : code);
}

/** Requests subgroups of SUBGROUP invocations. Line numbers do not change. */
const withSubgroups = (code: string) =>
  `enable subgroups; enable subgroup_size_control; ${code.replace(
    /@workgroup_size\([^)]*\)/,
    "$& @subgroup_size(SUBGROUP)",
  )}`;

/** The same for products of 16-bit numbers. */
const withHalves = (code: string) =>
  `enable f16; ${code.replace("alias Factor = vec4f;", "alias Factor = vec4h;")}`;

function literal(value: number, type: string, where: string): string {
  if (type === "bool") return value ? "true" : "false";
  if (type === "f32" && Number.isFinite(value)) {
    return /^-?\d+$/.test(`${value}`) ? `${value}.0` : `${value}`;
  }
  if (!Number.isInteger(value) || (type === "u32" && value < 0)) {
    throw new Error(`${where} must be a ${type}, got ${value}`);
  }
  return `${value}`;
}

const LOOP = /for \(var (\w+): u32 = 0; \1 < ([^;]+); \1\+\+\) \{ \/\/ unroll\n/g;

/**
 * Writes out each loop `for (var i: u32 = 0; i < BOUND; i++) { // unroll`, innermost first. BOUND
 * is an expression of module-scope `const` lines. On a CPU adapter an unrolled loop is up to 25
 * times faster, since arrays with constant indices become registers.
 */
export function unroll(source: string): string {
  const constants = evaluateConstants(source);
  let code = source;
  for (;;) {
    const loop = [...code.matchAll(LOOP)].at(-1); // the last one contains no other
    if (!loop) return code;
    const start = loop.index + loop[0].length;
    // Replace comments by blanks of the same length, since braces in them do not count.
    const visible = code.replace(/\/\/.*$/gm, (comment) => " ".repeat(comment.length));
    let depth = 1;
    let end = start;
    for (; depth > 0 && end < code.length; end++) {
      if (visible[end] === "{") depth++;
      else if (visible[end] === "}") depth--;
    }
    if (depth > 0) throw new Error(`a loop over ${loop[1]} to ${loop[2]} is not closed`);
    const body = code.slice(start, end - 1);
    const variable = new RegExp(`\\b${loop[1]}\\b`, "g");
    const count = evaluate(loop[2], constants);
    let written = "";
    for (let i = 0; i < count; i++) written += `{ ${body.replace(variable, `${i}u`).trim()} }\n`;
    code = code.slice(0, loop.index) + written + code.slice(end);
  }
}

function evaluateConstants(source: string): Map<string, number> {
  const constants = new Map<string, number>();
  for (const [, name, type, value] of source.matchAll(/^const (\w+): (u32|bool) = ([^;]+);/gm)) {
    constants.set(name, type === "bool" ? Number(value === "true") : evaluate(value, constants));
  }
  return constants;
}

/**
 * Evaluates an integer expression of + - * / % ( ) and constants. It is parsed here because a page
 * with a strict content security policy may not evaluate strings as code.
 */
export function evaluate(expression: string, constants: ReadonlyMap<string, number>): number {
  const tokens = expression.match(/\d+u?|\w+|[-+*/%()]/g) ?? [];
  let next = 0;
  const fail = () => {
    throw new Error(`cannot evaluate "${expression}" in a shader`);
  };
  const atom = (): number => {
    const token = tokens[next++];
    if (token === "(") {
      const value = sum();
      if (tokens[next++] !== ")") fail();
      return value;
    }
    const value = /^\d/.test(token ?? "") ? Number.parseInt(token, 10) : constants.get(token ?? "");
    return value ?? fail() ?? 0;
  };
  const product = (): number => {
    let value = atom();
    while (tokens[next] === "*" || tokens[next] === "/" || tokens[next] === "%") {
      const operator = tokens[next++];
      const right = atom();
      if (operator !== "*" && right === 0) fail();
      if (operator === "*") value *= right;
      else if (operator === "/") value = Math.floor(value / right);
      else value %= right;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[next] === "+" || tokens[next] === "-") {
      value += tokens[next++] === "+" ? product() : -product();
    }
    return value;
  };
  const value = sum();
  return next === tokens.length ? value : (fail() ?? 0);
}
