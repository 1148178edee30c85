// Puts the modules of `short/` in front of those that they shorten.

const { search, searchParams } = new URL(import.meta.url);
const SHORTENED: Readonly<Record<string, string>> = {
  "/dist/src/train/train.js": "./short/train.js",
  "/dist/src/gpu/tune.js": "./short/tune.js",
  ...(searchParams.has("fake") && { "/dist/src/cli/engine.js": "./short/engine.js" }),
};

interface Resolved {
  readonly url: string;
}

/** A hook of Node's module loader. */
export async function resolve(
  specifier: string,
  context: { readonly parentURL?: string },
  next: (specifier: string, context: object) => Promise<Resolved>,
): Promise<Resolved> {
  const resolved = await next(specifier, context);
  const short = Object.entries(SHORTENED).find(([path]) => resolved.url.endsWith(path))?.[1];
  if (!short || context.parentURL?.includes("/test/docs/short/")) return resolved;
  return { ...resolved, url: new URL(`${short}${search}`, import.meta.url).href };
}
