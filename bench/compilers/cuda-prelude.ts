// The vector types and functions of WGSL in CUDA C++, as far as the shaders use them.

const AXES = ["x", "y", "z", "w"];

/** One term for each of the first `count` components. */
const each = (count: number, term: (axis: string) => string) =>
  AXES.slice(0, count).map(term).join(", ");

function bools(name: string, count: number): string {
  const fields = each(count, (c) => c);
  const parameters = each(count, (c) => `bool ${c}_`);
  return `struct ${name} { bool ${fields}; __device__ ${name}(${parameters}) : ${each(count, (c) => `${c}(${c}_)`)} {} };
__device__ inline ${name} operator&(${name} a, ${name} b) { return ${name}(${each(count, (c) => `a.${c} && b.${c}`)}); }
__device__ inline ${name} operator!(${name} a) { return ${name}(${each(count, (c) => `!a.${c}`)}); }
`;
}

interface Vector {
  readonly name: string;
  readonly scalar: string;
  /** The type of comparisons. */
  readonly bool: string;
  readonly count: number;
}

/** A vector with a scalar, or two vectors, component by component. */
function operator(vector: Vector, symbol: string, result: string): string {
  const { name, scalar, count } = vector;
  const define = (a: string, b: string, term: (c: string) => string) =>
    `__device__ inline ${result} operator${symbol}(${a} a, ${b} b) { return ${result}(${each(count, term)}); }`;
  return [
    define(name, name, (c) => `a.${c} ${symbol} b.${c}`),
    define(name, scalar, (c) => `a.${c} ${symbol} b`),
    define(scalar, name, (c) => `a ${symbol} b.${c}`),
  ].join("\n");
}

const SWIZZLES = ["xy", "zw", "xz", "yw"];

function structOf({ name, scalar, count }: Vector): string {
  const component = count === 2 ? "i == 0 ? x : y" : "i == 0 ? x : i == 1 ? y : i == 2 ? z : w";
  const half = name.replace("4", "2");
  const swizzles = SWIZZLES.map((s) => `  __device__ ${half} ${s}() const;`).join("\n");
  return `struct alignas(${4 * count}) ${name} {
  ${scalar} ${each(count, (c) => c)};
  ${name}() = default;
  __device__ ${name}(${each(count, (c) => `${scalar} ${c}_`)}) : ${each(count, (c) => `${c}(${c}_)`)} {}
  __device__ explicit ${name}(${scalar} s) : ${each(count, (c) => `${c}(s)`)} {}
  __device__ ${scalar}& operator[](unsigned i) { return ${component}; }
  __device__ ${scalar} operator[](unsigned i) const { return ${component}; }
${count === 4 ? swizzles : ""}
};`;
}

function functionsOf({ name, scalar, bool, count }: Vector): string {
  const choose = (condition: (c: string) => string, a: string, b: string) =>
    `{ return ${name}(${each(count, (c) => `${condition(c)} ? ${a}.${c} : ${b}.${c}`)}); }`;
  return `__device__ inline ${name}& operator+=(${name}& a, ${name} b) { return a = a + b; }
__device__ inline ${name}& operator+=(${name}& a, ${scalar} b) { return a = a + b; }
__device__ inline ${name}& operator*=(${name}& a, ${scalar} b) { return a = a * b; }
__device__ inline ${name} max(${name} a, ${name} b) ${choose((c) => `a.${c} > b.${c}`, "a", "b")}
__device__ inline ${name} min(${name} a, ${name} b) ${choose((c) => `a.${c} < b.${c}`, "a", "b")}
__device__ inline ${name} select(${name} f, ${name} t, ${bool} c) ${choose((c) => `c.${c}`, "t", "f")}
`;
}

function vectorOf(name: string, scalar: string, bool: string, count: number): string {
  const vector = { name, scalar, bool, count };
  return [
    structOf(vector),
    ...["+", "-", "*", "/"].map((symbol) => operator(vector, symbol, name)),
    ...["<", ">", ">=", "<=", "==", "!="].map((symbol) => operator(vector, symbol, bool)),
    functionsOf(vector),
  ].join("\n");
}

/** The halves of a vec4, by the letter of its type: the declarations in its struct. */
const swizzlesOf = (letter: string) =>
  SWIZZLES.map((s) => {
    const half = `vec2${letter}`;
    return `__device__ inline ${half} vec4${letter}::${s}() const { return ${half}(${[...s].join(", ")}); }`;
  }).join("\n");

function floatsOf(name: string, count: number): string {
  const fma = each(count, (c) => `fmaf(a.${c}, b.${c}, c.${c})`);
  const others = ["exp", "log", "sqrt", "tanh"].map((f) => {
    const terms = each(count, (c) => `${f}f(a.${c})`);
    return `__device__ inline ${name} ${f}(${name} a) { return ${name}(${terms}); }`;
  });
  return `__device__ inline ${name} fma(${name} a, ${name} b, ${name} c) { return ${name}(${fma}); }
${others.join("\n")}
`;
}

export const CUDA_PRELUDE = `${bools("bool2", 2)}${bools("bool4", 4)}struct vec3u { unsigned x, y, z; };
${vectorOf("vec2f", "float", "bool2", 2)}${vectorOf("vec4f", "float", "bool4", 4)}${vectorOf("vec2u", "unsigned", "bool2", 2)}${vectorOf("vec4u", "unsigned", "bool4", 4)}
${swizzlesOf("f")}
${swizzlesOf("u")}
${floatsOf("vec2f", 2)}${floatsOf("vec4f", 4)}
__device__ inline float dot(vec4f a, vec4f b) { return fmaf(a.w, b.w, fmaf(a.z, b.z, fmaf(a.y, b.y, a.x * b.x))); }
template <class A, class B> __device__ inline B select(A f, B t, bool c) { return c ? t : B(f); }
__device__ inline unsigned min(int a, unsigned b) { return a < b ? a : b; }
__device__ inline unsigned max(int a, unsigned b) { return a > b ? a : b; }
`;
