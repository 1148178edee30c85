// Bytes of files written by hand, with any lengths and counts in them.

import { varint as plainVarint } from "../../interchange/onnx-bytes.js";

/** A piece of a file: text, bytes, or other pieces. */
export type Piece = string | number | Uint8Array | readonly Piece[];

/** One after the other. A number is a byte. */
export function bytesOf(...pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  const all: Uint8Array[] = [];
  const open: Piece[] = [pieces];
  while (open.length > 0) {
    const piece = open.pop() as Piece;
    if (typeof piece === "string") all.push(Buffer.from(piece));
    else if (typeof piece === "number") all.push(Uint8Array.of(piece));
    else if (piece instanceof Uint8Array) all.push(piece);
    else for (let i = piece.length - 1; i >= 0; i--) open.push(piece[i]);
  }
  return Uint8Array.from(Buffer.concat(all));
}

/** The same piece many times. */
export function repeated(count: number, ...pieces: readonly Piece[]): Uint8Array {
  const one = Buffer.from(bytesOf(...pieces));
  return count === 0 ? new Uint8Array() : Uint8Array.from(Buffer.alloc(one.length * count, one));
}

export const u16 = (value: number) => new Uint8Array(Uint16Array.of(value).buffer);
export const u32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
export const u64 = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);

/** An integer of protocol buffers. */
export const varint = (value: number | bigint): Uint8Array => Uint8Array.from(plainVarint(value));

/** A field of a message: an integer. */
export const integer = (field: number, value: number | bigint): Piece => [
  varint(field * 8),
  varint(value),
];

/** A field of a message: bytes. */
export function message(field: number, ...content: readonly Piece[]): Piece {
  const bytes = bytesOf(...content);
  return [varint(field * 8 + 2), varint(bytes.length), bytes];
}

/** A field that says that so many bytes follow. */
export const forged = (field: number, length: number | bigint): Piece => [
  varint(field * 8 + 2),
  varint(length),
];
