/** Imports a package that is installed in bench/ alone; throws where it is not. */
export async function peer(name: string): Promise<unknown> {
  // Seen from dist/bench, where this file runs.
  const loader = new URL("../../bench/peers.js", import.meta.url);
  const { load } = (await import(loader.href)) as { load: (name: string) => Promise<unknown> };
  return load(name);
}
