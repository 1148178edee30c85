import { test } from "uvu";
import * as assert from "uvu/assert";
import { indexedDbStorage } from "../../src/gpu/indexed-db.js";
import { rejectionOf } from "../errors.js";

/** The part of IndexedDB that the storage uses, answering asynchronously like a browser. */
function fakeFactory() {
  const stores = new Map<string, Map<unknown, unknown>>();
  let isOpen = 0;
  const request = <T>(result: T, before?: (target: Record<string, unknown>) => void) => {
    const target: Record<string, unknown> = { result };
    queueMicrotask(() => {
      before?.(target);
      (target.onsuccess as () => void)();
    });
    return target;
  };
  const database = {
    createObjectStore: (name: string) => stores.set(name, new Map()),
    transaction: () => ({
      objectStore(name: string) {
        const store = stores.get(name) as Map<unknown, unknown>;
        return {
          get: (key: unknown) => request(store.get(key)),
          put: (value: unknown, key: unknown) => request(store.set(key, value)),
        };
      },
    }),
    close: () => isOpen--,
  };
  const factory = {
    open() {
      isOpen++;
      return request(database, (target) => {
        if (stores.size === 0) (target.onupgradeneeded as () => void)();
      });
    },
  };
  return { factory: factory as unknown as IDBFactory, open: () => isOpen };
}

test("a text that is written is read again, and the database is closed each time", async () => {
  const { factory, open } = fakeFactory();
  const storage = indexedDbStorage("test", factory);
  assert.is(await storage.read(), undefined);
  await storage.write("one");
  await storage.write("two");
  assert.is(await storage.read(), "two");
  assert.is(open(), 0);
  assert.is(storage.name, "IndexedDB test");
});

test("without IndexedDB a read fails in words", async () => {
  assert.is(await rejectionOf(indexedDbStorage().read()), "this environment has no IndexedDB");
});

test.run();
