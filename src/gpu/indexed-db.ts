// Storage for the tuning table in a page: one string in IndexedDB.

import type { TuningCache } from "./adapter-entries.js";

const STORE = "texts";

/**
 * Returns a cache in the database `name` of the page's origin, under the name `text`: "kernels" for
 * the tuning table, "doctor" for what `examineOnce` stores. Each call opens and closes the database.
 */
export function indexedDbStorage(
  name = "micrograph",
  factory: IDBFactory | undefined = globalThis.indexedDB,
  text: "kernels" | "doctor" = "kernels",
): TuningCache {
  const use = async <T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest<T>,
  ) => {
    if (!factory) throw new Error("this environment has no IndexedDB");
    const opening = factory.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await resultOf(opening);
    try {
      const transaction = database.transaction(STORE, mode);
      const result = await resultOf(work(transaction.objectStore(STORE)));
      return result;
    } finally {
      database.close(); // takes effect after its transactions
    }
  };
  return {
    name: `IndexedDB ${name}`,
    async read() {
      const found: unknown = await use("readonly", (store) => store.get(text));
      return typeof found === "string" ? found : undefined;
    },
    async write(value) {
      await use("readwrite", (store) => store.put(value, text));
    },
  };
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed"));
  });
}
