// Bytes of a server, by ranges.

import type { ByteSource } from "../byte-source.js";

/** Whether a text is an address that `fetch` reads. */
export const isUrl = (input: string | URL) => /^https?:\/\//i.test(String(input));

/**
 * A source for a file on a server. Rejects with a sentence that names the file if the server does not
 * have it, or does not serve ranges.
 */
export async function urlSource(url: string | URL, name: string): Promise<ByteSource> {
  const get = async (start: number, end: number) => {
    const headers = { Range: `bytes=${start}-${end - 1}` };
    let response: Response;
    try {
      response = await fetch(url, { headers });
    } catch (error) {
      const why = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new Error(`${name}: the server cannot be reached: ${(why as Error).message}`);
    }
    if (response.status === 206) return response;
    await response.body?.cancel();
    throw new Error(
      response.ok
        ? `${name}: its server does not serve ranges of a file (it answered ${response.status}, ` +
            "expected 206): download the file"
        : `${name}: the server answered ${response.status} ${response.statusText}`.trimEnd(),
    );
  };
  const first = await get(0, 16);
  await first.body?.cancel();
  const size = Number(/\/(\d+)$/.exec(first.headers.get("content-range") ?? "")?.[1]);
  if (!Number.isSafeInteger(size)) {
    throw new Error(`${name}: its server does not tell the size of the file (Content-Range)`);
  }
  return {
    size,
    async read(start, end) {
      const [from, to] = [Math.min(start, size), Math.min(end, size)];
      if (from >= to) return new Uint8Array(0);
      return new Uint8Array(await (await get(from, to)).arrayBuffer());
    },
  };
}
