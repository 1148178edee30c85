// The numbers and texts of a pickle's instructions, little-endian, with every length checked.

/** The most bytes of an integer: the longest that PyTorch writes has 10. */
const LONGEST_INTEGER = 255;
const UTF8 = new TextDecoder();

/** Bytes that are read one after the other. */
export class PickleBytes {
  /** The position of the next byte. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #damaged: (what: string) => Error;

  /** Reads from `start` on; `damaged` makes the error for bytes that are missing. */
  constructor(bytes: Uint8Array, start: number, damaged: (what: string) => Error) {
    this.#bytes = bytes;
    this.#damaged = damaged;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
  }

  /** Moves on by so many bytes; returns where they begin. */
  #skip(count: number): number {
    const start = this.at;
    if (!(count <= this.#bytes.length - start)) {
      throw this.#damaged(
        `it ends at byte ${this.#bytes.length}, ${count} bytes from ${start} expected`,
      );
    }
    this.at += count;
    return start;
  }

  u8 = (): number => this.#view.getUint8(this.#skip(1));
  u16 = (): number => this.#view.getUint16(this.#skip(2), true);
  u32 = (): number => this.#view.getUint32(this.#skip(4), true);
  i32 = (): number => this.#view.getInt32(this.#skip(4), true);
  u64 = (): number => Number(this.#view.getBigUint64(this.#skip(8), true));
  /** A float is big-endian. */
  f64 = (): number => this.#view.getFloat64(this.#skip(8));

  /** An integer of any length, in two's complement; rounded to a number. */
  long(count: number): number {
    if (count > LONGEST_INTEGER) throw this.#damaged(`it has an integer of ${count} bytes`);
    const bytes = this.take(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
    return Number(BigInt.asIntN(8 * count, value));
  }

  /** The next bytes. */
  take(count: number): Uint8Array {
    const start = this.#skip(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** The next bytes as UTF-8. */
  text(count: number): string {
    return UTF8.decode(this.take(count));
  }

  /** The text up to the next line break. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) throw this.#damaged("a line does not end");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }
}
