// A check of values by a JSON schema: the words that the schema of bioimage.io has.

type Schema = { readonly [word: string]: unknown };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  array: Array.isArray,
  boolean: (value) => typeof value === "boolean",
  integer: Number.isInteger,
  null: (value) => value === null,
  number: (value) => typeof value === "number",
  object: isObject,
  string: (value) => typeof value === "string",
};

/** Returns what is wrong with a value, with paths; nothing if it is valid. `root`: the schema with `$defs`. */
export function schemaFaults(value: unknown, schema: Schema, root: Schema, path = "it"): string[] {
  const fault = (what: string) => [`${path} ${what}: ${JSON.stringify(value)?.slice(0, 80)}`];
  if (typeof schema.$ref === "string") {
    const name = schema.$ref.replace("#/$defs/", "");
    const found = (root.$defs as Record<string, Schema>)[name];
    if (!found) throw new Error(`the schema has no ${name}`);
    return schemaFaults(value, found, root, path);
  }
  for (const word of ["anyOf", "oneOf"] as const) {
    const choices = schema[word] as readonly Schema[] | undefined;
    const results = choices?.map((one) => schemaFaults(value, one, root, path));
    if (!results) continue;
    const fits = results.filter(({ length }) => length === 0).length;
    if (fits === 0) return results.reduce((a, b) => (a.length <= b.length ? a : b));
    if (word === "oneOf" && fits > 1) return fault("fits more than one form");
  }
  if (schema.const !== undefined && schema.const !== value) return fault(`is not ${schema.const}`);
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    return fault("is not one of the list");
  if (typeof schema.type === "string" && !TYPES[schema.type](value))
    return fault(`is no ${schema.type}`);
  if (typeof value === "number") return numberFaults(value, schema, fault);
  if (typeof value === "string") {
    const { minLength = 0, maxLength = Infinity, pattern = "" } = schema as Record<string, never>;
    const fits = value.length >= minLength && value.length <= maxLength;
    return fits && new RegExp(pattern, "u").test(value)
      ? []
      : fault("has another length or pattern");
  }
  if (Array.isArray(value)) {
    const {
      minItems = 0,
      maxItems = Infinity,
      items,
      prefixItems = [],
    } = schema as {
      minItems?: number;
      maxItems?: number;
      items?: Schema;
      prefixItems?: Schema[];
    };
    if (value.length < minItems || value.length > maxItems) return fault("has another length");
    return value.flatMap((one, i) => {
      const own = prefixItems[i] ?? items;
      return own ? schemaFaults(one, own, root, `${path}[${i}]`) : [];
    });
  }
  return isObject(value) ? fieldFaults(value, schema, root, path) : [];
}

function numberFaults(value: number, schema: Schema, fault: (what: string) => string[]): string[] {
  const { minimum = -Infinity, maximum = Infinity } = schema as Record<string, number>;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema as Record<
    string,
    number
  >;
  const fits = value >= minimum && value <= maximum;
  return fits && value > exclusiveMinimum && value < exclusiveMaximum
    ? []
    : fault("is out of range");
}

function fieldFaults(
  value: Record<string, unknown>,
  { properties = {}, required = [], additionalProperties }: Schema,
  root: Schema,
  path: string,
): string[] {
  const known = properties as Record<string, Schema>;
  const missing = (required as string[]).filter((key) => !(key in value));
  return [
    ...missing.map((key) => `${path} has no ${key}`),
    ...Object.entries(value).flatMap(([key, one]) => {
      if (Object.hasOwn(known, key)) return schemaFaults(one, known[key], root, `${path}.${key}`);
      return additionalProperties === false ? [`${path} has ${key}, which is not known`] : [];
    }),
  ];
}
