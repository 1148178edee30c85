// JSON as in damaged or hostile files.

import fc, { type Arbitrary } from "fast-check";

const DEEP = 20_000;
const odd: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, -1, 0, 0.5, 1e300, 2 ** 53, "", "NaN", [], {}, [null], true),
  fc.constantFrom<unknown>("__proto__", "constructor", "a\nb", "x".repeat(3000)),
  fc.constant([Array<number>(2000).fill(7)]),
  fc.jsonValue({ maxDepth: 2 }),
);

type Fields = Record<string, unknown>;

/** Replaces, removes or adds a part of an object, at any depth. */
function change(value: unknown, path: readonly number[], by: unknown, how: number): unknown {
  if (typeof value !== "object" || value === null) return by;
  const keys = Object.keys(value);
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Fields;
  const [first = 0, ...rest] = path;
  const key = keys[first % Math.max(1, keys.length)];
  if (key === undefined) return by;
  if (rest.length > 0 && typeof copy[key] === "object" && copy[key] !== null) {
    copy[key] = change(copy[key], rest, by, how);
  } else if (how === 0 && !Array.isArray(value)) delete copy[key];
  else if (how === 1 && !Array.isArray(value)) copy.unknown = by;
  else copy[key] = by;
  return copy;
}

/** Texts of a file with such a value: changed in places, nested too deep, with duplicate keys. */
export function changedJson(values: Arbitrary<unknown>): Arbitrary<string> {
  const changed = fc
    .tuple(
      values,
      fc.array(fc.tuple(fc.array(fc.nat(30), { maxLength: 3 }), odd, fc.nat(3)), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([value, changes]) =>
      changes.reduce((old, [path, by, how]) => change(old, path, by, how), value as unknown),
    );
  return fc.tuple(changed, fc.nat(19), fc.nat(1 << 16)).map(([value, how, at]) => {
    const text = JSON.stringify(value) ?? "";
    const place = at % (text.length + 1);
    if (how === 0) return text.slice(0, place);
    if (how === 1) return `${text.slice(0, place)}${"[".repeat(DEEP)}${text.slice(place)}`;
    // A deep value: formatting it for a message must not fail.
    if (how === 2)
      return text.replace(/:[^,[{]+?([,}])/, `:${"[".repeat(DEEP)}${"]".repeat(DEEP)}$1`);
    if (how === 3) return text.replace("{", '{"__proto__":{"classes":3},');
    if (how === 4) return text.replace(/\}$/, `,${text.slice(1)}`);
    return text;
  });
}
