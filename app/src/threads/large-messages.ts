// Messages with large arrays. Cloning a message blocks the thread that posts it for 3 ms per megabyte: large arrays
// are sent to a Worker ahead of their message in pieces, each from its own task, and the arrays of a Worker's
// answers are transferred without a copy.

import { nextTask } from "./next-task.js";

/** Bytes above which an array is sent ahead, and of each piece. */
const PIECE = 2 ** 22;

type Post = (message: unknown, transfer: Transferable[]) => void;

/** What a message has instead of an array that was sent before it. */
interface Ahead {
  readonly wentAhead: number;
}

/** A part of an array: the first one creates the array. */
interface Piece {
  readonly pieceOf: number;
  readonly array: ArrayName;
  /** Bytes of the whole array, and the offset of this part. */
  readonly size: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const ARRAYS = {
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
} as const;
type ArrayName = keyof typeof ARRAYS;
type LargeArray = InstanceType<(typeof ARRAYS)[ArrayName]>;

const isLarge = (value: unknown): value is LargeArray =>
  ArrayBuffer.isView(value) &&
  value.byteLength > PIECE &&
  Object.values(ARRAYS).some((kind) => value instanceof kind);

/** The message with each object replaced by `change`; the same message if it changes none. */
function changed(message: unknown, change: (value: object) => unknown): unknown {
  if (typeof message !== "object" || message === null) return message;
  const own = change(message);
  if (own !== message) return own;
  const isPlain = Array.isArray(message) || Object.getPrototypeOf(message) === Object.prototype;
  if (!isPlain) return message;
  const fields = message as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(fields)) {
    const value = changed(fields[key], change);
    if (value === fields[key]) continue;
    copy ??= (Array.isArray(message) ? [...message] : { ...message }) as Record<string, unknown>;
    copy[key] = value;
  }
  return copy ?? message;
}

/**
 * Returns a function that posts messages in order; it rejects if there is not enough memory. A message without
 * large arrays is posted at once, unless one with large arrays is being sent. `pause` lets the thread do other
 * pending work.
 */
export function inPieces(post: Post, pause: () => Promise<void> = nextTask) {
  let keys = 0;
  let waiting = 0;
  let queue: Promise<void> = Promise.resolve();
  const send = async (message: unknown, large: ReadonlyMap<LargeArray, number>) => {
    for (const [array, key] of large) {
      const name = Object.entries(ARRAYS).find(([, kind]) => array instanceof kind)?.[0];
      const all = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      for (let offset = 0; offset < all.length; offset += PIECE) {
        const bytes = all.slice(offset, offset + PIECE);
        const of = { pieceOf: key, array: name as ArrayName, size: all.length };
        post({ ...of, offset, bytes } satisfies Piece, [bytes.buffer]);
        await pause();
      }
    }
    post(message, []);
  };
  return async (message: unknown): Promise<void> => {
    const large = new Map<LargeArray, number>();
    const light = changed(message, (value): unknown => {
      if (!isLarge(value)) return value;
      const key = large.get(value) ?? keys++;
      large.set(value, key);
      return { wentAhead: key } satisfies Ahead;
    });
    if (large.size === 0 && waiting === 0) {
      post(message, []);
      return;
    }
    waiting++;
    const sent = queue.then(() => send(light, large));
    queue = sent
      .catch(() => {})
      .then(() => {
        waiting--;
      });
    await sent;
  };
}

/** The receiving side of `inPieces`: calls `receive` with each complete message. */
export function joined<Message>(receive: (message: Message) => void): (data: unknown) => void {
  const arrays = new Map<number, LargeArray>();
  return (data) => {
    if (isPiece(data)) {
      const { pieceOf, array, size, offset, bytes } = data;
      const kind = ARRAYS[array];
      const whole = arrays.get(pieceOf) ?? new kind(size / kind.BYTES_PER_ELEMENT);
      arrays.set(pieceOf, whole);
      new Uint8Array(whole.buffer).set(bytes, offset);
      return;
    }
    const whole = arrays.size === 0 ? data : changed(data, (value) => arrayOf(value) ?? value);
    arrays.clear();
    receive(whole as Message);
  };
  function arrayOf(value: object): LargeArray | undefined {
    return "wentAhead" in value ? arrays.get((value as Ahead).wentAhead) : undefined;
  }
}

const isPiece = (data: unknown): data is Piece =>
  typeof data === "object" && data !== null && "pieceOf" in data;

/** The memory of the large arrays in a message, to be transferred: the sender loses it. */
export function largeBuffers(message: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  changed(message, (value) => {
    if (isLarge(value)) buffers.add(value.buffer as ArrayBuffer);
    return value;
  });
  return [...buffers];
}
