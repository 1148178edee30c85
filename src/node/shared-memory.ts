// Arrays shared between threads: an array in shared memory is not copied when it is sent to a
// thread.

/** A number array of any type. */
type Numbers =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array;

/** Returns the array in shared memory: itself if it is there, else a copy. */
export function shared<T extends Numbers>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const Kind = array.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new Kind(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}

/** Returns the plain value with every array in it in shared memory. */
export function withSharedArrays<T>(value: T): T {
  if (ArrayBuffer.isView(value)) return shared(value as unknown as Numbers) as unknown as T;
  if (Array.isArray(value)) return value.map(withSharedArrays) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, withSharedArrays(part)]);
  return Object.fromEntries(entries);
}
