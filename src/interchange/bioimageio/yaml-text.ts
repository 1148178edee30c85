// Plain values as YAML. A page has no parser of YAML, and needs none to write it.

/** A value that YAML can hold. */
export type YamlValue =
  | string
  | number
  | boolean
  | null
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue | undefined };

/** Words that readers take for something else than a text. */
const OTHER = /^(true|false|yes|no|on|off|null|~|y|n|[-+.]?(\d|inf|nan).*)$/i;
const PLAIN = /^[A-Za-z_][\w ./()-]*$/;

/** A text, in quotes unless it can only be one. Strings of JSON are strings of YAML. */
function scalar(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  const isPlain = PLAIN.test(value) && !OTHER.test(value) && !value.endsWith(" ");
  return isPlain ? value : JSON.stringify(value);
}

const isList = (value: YamlValue): value is readonly YamlValue[] => Array.isArray(value);

/** Returns lines of a value, the first of which follows a key or a dash. Fields that are undefined are left out. */
function linesOf(value: YamlValue): string[] {
  if (value === null || typeof value !== "object") return [scalar(value)];
  if (isList(value)) {
    if (value.length === 0) return ["[]"];
    return value.flatMap((one) => {
      const [first, ...rest] = linesOf(one);
      return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
    });
  }
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  if (fields.length === 0) return ["{}"];
  return fields.flatMap(([key, one]) => {
    const lines = linesOf(one as YamlValue);
    const isInline = one === null || typeof one !== "object" || /^(\[\]|\{\})$/.test(lines[0]);
    if (isInline) return [`${scalar(key)}: ${lines[0]}`];
    return [`${scalar(key)}:`, ...lines.map((line) => `  ${line}`)];
  });
}

/** Returns the text of a file. */
export function yamlText(value: YamlValue): string {
  return `${linesOf(value).join("\n")}\n`;
}
