// Reads the messages of protocol buffers (protobuf.dev/programming-guides/encoding) field by field, without a
// schema. Every length is checked against the bytes that are there.

/** A field of a message: an integer, or the bytes of a string, a message, packed numbers or a fixed number. */
export interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/** Thrown for bytes that are no message; the reader of a file adds its name. */
export class DamagedMessage extends Error {}

/** Yields the fields of a message in the order of the file. Throws `DamagedMessage`. */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  const place = { at: 0 };
  while (place.at < bytes.length) {
    const key = Number(readVarint(bytes, place));
    const [number, wire] = [Math.floor(key / 8), key % 8];
    if (number === 0) throw new DamagedMessage(`a field has number 0 at byte ${place.at}`);
    if (wire === 0) yield { number, value: readVarint(bytes, place) };
    else {
      const length = lengthOf(wire, bytes, place);
      if (length > bytes.length - place.at) {
        throw new DamagedMessage(
          `field ${number} has ${length} bytes, but ${bytes.length - place.at} follow`,
        );
      }
      yield { number, value: bytes.subarray(place.at, place.at + length) };
      place.at += length;
    }
  }
}

function lengthOf(wire: number, bytes: Uint8Array, place: { at: number }): number {
  if (wire === 2) return Number(readVarint(bytes, place));
  if (wire === 5) return 4;
  if (wire === 1) return 8;
  throw new DamagedMessage(
    `a field has wire type ${wire} at byte ${place.at}, expected 0, 1, 2 or 5`,
  );
}

/** An integer of up to 64 bits, 7 bits a byte, the lowest first. */
function readVarint(bytes: Uint8Array, place: { at: number }): bigint {
  const first = bytes[place.at];
  if (first < 128) {
    place.at++;
    return BigInt(first);
  }
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (place.at >= bytes.length) throw new DamagedMessage("it ends within a number");
    const byte = bytes[place.at++];
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw new DamagedMessage(`a number has more than 10 bytes at byte ${place.at}`);
}

/** The signed integer of a field. */
export function integerOf(value: ProtobufField["value"]): number {
  if (typeof value !== "bigint") throw new DamagedMessage("bytes, expected an integer");
  return Number(BigInt.asIntN(64, value));
}

/** The signed integers of a repeated field, packed or not. */
export function integersOf(value: ProtobufField["value"]): number[] {
  if (typeof value === "bigint") return [integerOf(value)];
  const [result, place]: [number[], { at: number }] = [[], { at: 0 }];
  while (place.at < value.length) result.push(integerOf(readVarint(value, place)));
  return result;
}

/** The bytes of a field. */
export function bytesOf(value: ProtobufField["value"]): Uint8Array {
  if (typeof value === "bigint") throw new DamagedMessage("an integer, expected bytes");
  return value;
}

/** The text of a field. */
export function textOf(value: ProtobufField["value"]): string {
  return new TextDecoder().decode(bytesOf(value));
}

/** The 32-bit floats of a repeated field, packed or not. */
export function floatsOfField(value: ProtobufField["value"]): number[] {
  const bytes = bytesOf(value);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length % 4 !== 0) throw new DamagedMessage(`${bytes.length} bytes of 32-bit floats`);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
