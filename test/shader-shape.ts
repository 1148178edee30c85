// The shape of a file in shaders/ (docs/style.md, "Shaders"): what a reader may expect at which place.

/** Parts of a shader in the order in which they must stand. */
const PARTS = [
  ["enable or diagnostic", /^(?:enable|requires|diagnostic)\b/],
  ["alias", /^alias /],
  ["const", /^const /],
  ["const_assert", /^const_assert\b/],
  ["record", /^struct /],
  ["binding", /^@group/],
  ["workgroup or private memory", /^var<(?:workgroup|private)>/],
  ["function", /^fn (?!main\()/],
  ["main", /^@(?:compute|fragment)/],
] as const;

/** `const NAME: type = default; // meaning`, also where the default is an expression. */
const CONST = /^const [A-Z][A-Z0-9_]*: (?:u32|i32|f32|bool) = [^;]+; \/\/ \S/;
const BINDING = /^@group\(0\) @binding\((\d+)\) var(?:<([\w, ]+)>)? \w+: /;

/** What is wrong with the shader in `file`, a line each. */
export function shaderProblems(file: string, source: string): string[] {
  const problems: string[] = [];
  const lines = source.split("\n");
  const complain = (line: number, what: string) => problems.push(`${file}:${line + 1} ${what}`);
  if (!lines[0].startsWith("// ")) complain(0, "begins with no comment that says what it computes");
  const isOpen = lines.findIndex((line) => !line.startsWith("//"));
  if (!/invocation|lane/.test(lines.slice(0, isOpen).join(" "))) {
    complain(0, "does not say in its head comment what one invocation or lane does");
  }
  let part = 0;
  const kinds: string[] = [];
  for (const [i, line] of lines.entries()) {
    const found = PARTS.findIndex(([, pattern]) => pattern.test(line));
    if (found >= 0 && found < part) complain(i, `${PARTS[found][0]} after ${PARTS[part][0]}`);
    part = Math.max(part, found);
    if (/^const /.test(line) && !CONST.test(line)) {
      complain(i, "a constant is `const NAME: type = default; // meaning`");
    }
    if (/^(?:let|override|var) /.test(line)) complain(i, "only const and alias stand at the top");
    const binding = BINDING.exec(line);
    if (binding) {
      if (Number(binding[1]) !== kinds.length) complain(i, `binding ${kinds.length} comes next`);
      kinds.push(binding[2] ?? "storage, read");
    }
    const barrier = /Barrier\(\);(.*)/.exec(line);
    if (barrier && !/\/\/ \S/.test(barrier[1])) complain(i, "a barrier says what it protects");
  }
  const inOrder = [...kinds].sort((a, b) => RANK.indexOf(a) - RANK.indexOf(b));
  if (String(kinds) !== String(inOrder)) {
    problems.push(`${file} binds ${kinds.join("; ")}: inputs come first, then outputs, the record`);
  }
  if ((source.match(/^fn main\(/gm) ?? []).length !== 1) problems.push(`${file} has no one main`);
  if (!source.endsWith("}\n")) problems.push(`${file} does not end with its main`);
  return problems;
}

const RANK = ["storage, read", "storage, read_write", "uniform"];
