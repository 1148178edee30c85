// Bytes and values of a server: files by ranges, stores of Zarr by key.

import type { ByteSource } from "../byte-source.js";
import { patientFetch, statusError } from "./patient-fetch.js";
import { explained } from "./slide-errors.js";
import type { ReadableStore } from "./slide-types.js";

/** Whether a text is an address that `fetch` reads. */
export const isUrl = (input: string | URL) => /^https?:\/\//i.test(String(input));

/**
 * A source for a file on a server. Rejects with a sentence that names the file if the server does not
 * have it, or does not serve ranges.
 */
export async function urlSource(url: string | URL, name: string): Promise<ByteSource> {
  const get = async (start: number, end: number) => {
    const headers = { Range: `bytes=${start}-${end - 1}` };
    try {
      const response = await patientFetch(
        new Request(url, { headers }),
        ({ status }) => status === 206,
      );
      if (response.status === 206) return response;
      if (!response.ok) throw statusError(response);
      throw new Error(
        `its server does not serve ranges of a file (it answered ${response.status}, expected 206): download the file`,
      );
    } catch (error) {
      throw explained(name, error);
    }
  };
  const first = await get(0, 16);
  const [, total] = /\/(\d+)$/.exec(first.headers.get("content-range") ?? "") ?? [];
  // Pages see the Content-Range of other hosts only if these expose it, but always the length.
  const length = total ?? (await lengthByHead(url));
  const size = Number(length ?? Number.NaN);
  if (!Number.isSafeInteger(size)) {
    throw new Error(
      `${name}: its server does not tell the size of the file (Content-Range or Content-Length)`,
    );
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

async function lengthByHead(url: string | URL): Promise<string | null> {
  const { headers } = await patientFetch(new Request(url, { method: "HEAD" }), () => false);
  return headers.get("content-length");
}

/** A store of Zarr on a server. What it answers 404 for is missing; other answers are errors with the key. */
export async function urlStore(url: string | URL): Promise<ReadableStore> {
  const { default: FetchStore } = await import("@zarrita/storage/fetch");
  const answered = async (request: Request) => {
    const response = await patientFetch(request, ({ ok }) => ok && request.method !== "HEAD");
    if (response.ok || response.status === 404) return response;
    throw statusError(response);
  };
  return new FetchStore(url, { fetch: answered }) as ReadableStore;
}
