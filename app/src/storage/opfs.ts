// The browser's private file system (OPFS) as storage. A file is replaced as a whole or not at all: writes take
// effect at `close`.

import type { Folder, Storage } from "./autosave.js";

const ROOT = "projects";

/** Bytes that are written in one task of the page's thread. */
const PIECE = 2 ** 20;

export function opfsStorage(): Storage {
  const root = async () => {
    const origin = await navigator.storage.getDirectory();
    return origin.getDirectoryHandle(ROOT, { create: true });
  };
  return {
    folder: async (id) => opfsFolder(await (await root()).getDirectoryHandle(id, { create: true })),
    async ids() {
      const names: string[] = [];
      for await (const name of (await root()).keys()) names.push(name);
      return names;
    },
    persist: async () => (await navigator.storage.persist?.()) ?? false,
    delete: async (id) => (await root()).removeEntry(id, { recursive: true }),
  };
}

function opfsFolder(root: FileSystemDirectoryHandle): Folder {
  /** The folder of a path, and the file's name in it. */
  const place = async (path: string, create: boolean) => {
    const parts = path.split("/");
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      folder = await folder.getDirectoryHandle(part, { create });
    }
    return { folder, name: parts.at(-1) as string };
  };
  return {
    async read(path) {
      try {
        const { folder, name } = await place(path, false);
        const file = await (await folder.getFileHandle(name)).getFile();
        return new Uint8Array(await file.arrayBuffer());
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async write(path, bytes) {
      const { folder, name } = await place(path, true);
      const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
      for (let at = 0; at < bytes.length; at += PIECE) {
        await stream.write(bytes.subarray(at, at + PIECE) as Uint8Array<ArrayBuffer>);
      }
      await stream.close();
    },
    async remove(path) {
      try {
        const { folder, name } = await place(path, false);
        await folder.removeEntry(name);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      // Also remove parent folders that are now empty; removing a folder with files fails.
      const parts = path.split("/").slice(0, -1);
      for (let depth = parts.length; depth > 0; depth--) {
        const above = await place(parts.slice(0, depth).join("/"), false).catch(() => undefined);
        await above?.folder.removeEntry(above.name).catch(() => {});
      }
    },
    list: () => filesBelow(root, ""),
  };
}

const isNotFound = (error: unknown) =>
  error instanceof DOMException && error.name === "NotFoundError";

async function filesBelow(folder: FileSystemDirectoryHandle, prefix: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const [name, entry] of folder.entries()) {
    if (entry instanceof FileSystemDirectoryHandle) {
      paths.push(...(await filesBelow(entry, `${prefix}${name}/`)));
    } else paths.push(`${prefix}${name}`);
  }
  return paths;
}
