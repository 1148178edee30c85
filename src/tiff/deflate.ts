// Deflate (RFC 1951) in the clothes of zlib (RFC 1950). Libraries decode a stream to its end: a few
// bytes can become a gigabyte that no pixel needs. This one stops where the pixels do, and checks the
// checksum where the stream ends there.

const FAST_BITS = 10;
const LENGTH_BASES = Uint16Array.of(
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115],
  ...[131, 163, 195, 227, 258],
);
const LENGTH_BITS = Uint8Array.from({ length: 29 }, (_, i) =>
  i < 8 || i === 28 ? 0 : (i - 4) >> 2,
);
const DISTANCE_BITS = Uint8Array.from({ length: 30 }, (_, i) => (i < 4 ? 0 : (i - 2) >> 1));
const DISTANCE_BASES = Uint16Array.from({ length: 30 }, (_, i) =>
  i < 4 ? i + 1 : 1 + ((2 + (i & 1)) << ((i - 2) >> 1)),
);
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Codes of Huffman, the short ones by a table, the others by their counts. */
interface Codes {
  /** By the next ten bits: symbol * 16 + bits of its code; 0 where that is longer. */
  readonly fast: Uint16Array;
  /** Codes of each length, and all symbols by length and value. */
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

interface Bits {
  readonly data: Uint8Array;
  at: number;
  hold: number;
  count: number;
}

const MORE = "more bytes than its pixels have";
const broken = (what: string) => new Error(`compressed data: ${what}`);

/**
 * Decodes zlib's data into `out`; gives the number of bytes written, fewer than its length where the
 * data ends. Throws where the data is damaged, by its checksum too, and where it holds more bytes.
 */
export function decodeDeflate(data: Uint8Array, out: Uint8Array): number {
  const [method = 0, flags = 0] = data;
  if ((method & 15) !== 8 || (method * 256 + flags) % 31 !== 0 || flags & 32) {
    throw broken(`it begins with ${method}, ${flags}, not as zlib's`);
  }
  const bits: Bits = { data, at: 2, hold: 0, count: 0 };
  let written = 0;
  for (let isLast = false; !isLast; ) {
    if (bits.at >= data.length && bits.count < 3) return written;
    isLast = take(bits, 1) === 1;
    const type = take(bits, 2);
    if (type === 3) throw broken("a block of type 3");
    const end = type === 0 ? stored(bits, out, written) : coded(bits, type, out, written);
    if (end < 0) return -1 - end; // the data ends
    written = end;
  }
  bits.at -= bits.count >> 3;
  if (bits.at + 4 <= data.length) {
    const [a, b, c, d] = data.subarray(bits.at, bits.at + 4);
    const stated = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    if (stated !== adler32(out.subarray(0, written))) throw broken("its checksum does not fit");
  }
  return written;
}

/** Up to 16 bits; zeros past the end of the data. */
function take(bits: Bits, count: number): number {
  while (bits.count < count) {
    bits.hold |= (bits.data[bits.at++] ?? 0) << bits.count;
    bits.count += 8;
  }
  const value = bits.hold & ((1 << count) - 1);
  bits.hold >>>= count;
  bits.count -= count;
  return value;
}

/** Copies a block; gives the bytes written then, or -1 minus them where the data ends. */
function stored(bits: Bits, out: Uint8Array, written: number): number {
  const { data } = bits;
  const at = bits.at - (bits.count >> 3);
  bits.hold = bits.count = 0;
  if (at + 4 > data.length) return -1 - written;
  const length = data[at] | (data[at + 1] << 8);
  if ((length ^ 0xffff) !== (data[at + 2] | (data[at + 3] << 8))) throw broken("a stored length");
  if (written + length > out.length) throw broken(MORE);
  const kept = Math.min(length, data.length - at - 4);
  out.set(data.subarray(at + 4, at + 4 + kept), written);
  bits.at = at + 4 + length;
  return kept < length ? -1 - written - kept : written + kept;
}

/** Decodes a block; gives the bytes written then, or -1 minus them where the data ends. */
function coded(bits: Bits, type: number, out: Uint8Array, start: number): number {
  const [literals, distances] = type === 1 ? fixedCodes() : readCodes(bits);
  const { data } = bits;
  const { fast } = literals;
  const end = out.length;
  const last = data.length;
  let written = start;
  let { at, hold, count } = bits;
  for (;;) {
    while (count < 15 && at < last) {
      hold |= data[at++] << count;
      count += 8;
    }
    let entry = fast[hold & 1023];
    if (entry === 0) entry = slowEntry(literals, hold);
    let size = entry & 15;
    if (size > count) return -1 - written;
    hold >>>= size;
    count -= size;
    const symbol = entry >> 4;
    if (symbol === 256) break;
    if (written === end) throw broken(MORE);
    if (symbol < 256) {
      out[written++] = symbol;
      continue;
    }
    if (symbol > 285) throw broken(`a length ${symbol}`);
    while (count < 24 && at < last) {
      hold |= data[at++] << count;
      count += 8;
    }
    const extra = LENGTH_BITS[symbol - 257];
    const length = LENGTH_BASES[symbol - 257] + (hold & ((1 << extra) - 1));
    hold >>>= extra;
    count -= extra;
    entry = distances.fast[hold & 1023];
    if (entry === 0) entry = slowEntry(distances, hold);
    size = entry & 15;
    hold >>>= size;
    count -= size;
    const far = entry >> 4;
    if (far > 29) throw broken(`a distance ${far}`);
    while (count < 16 && at < last) {
      hold |= data[at++] << count;
      count += 8;
    }
    let from = written - DISTANCE_BASES[far] - (hold & ((1 << DISTANCE_BITS[far]) - 1));
    hold >>>= DISTANCE_BITS[far];
    count -= DISTANCE_BITS[far];
    if (count < 0) return -1 - written;
    if (from < 0) throw broken("a distance before its start");
    const stop = written + length;
    if (stop > end) throw broken(MORE);
    while (written < stop) out[written++] = out[from++];
  }
  bits.at = at;
  bits.hold = hold;
  bits.count = count;
  return written;
}

/** Symbol * 16 + bits of the code that the bits begin with, one bit after the other. */
function slowEntry({ counts, symbols }: Codes, bits: number): number {
  let [code, first, index] = [0, 0, 0];
  for (let length = 1; length <= 15; length++) {
    code |= (bits >>> (length - 1)) & 1;
    const count = counts[length];
    if (code - count < first) return symbols[index + code - first] * 16 + length;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw broken("a code that is none");
}

function fixedCodes(): [Codes, Codes] {
  const lengths = new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280);
  return [codesOf(lengths), codesOf(new Uint8Array(30).fill(5))];
}

/** The codes at a block's begin (RFC 1951, section 3.2.7). */
function readCodes(bits: Bits): [Codes, Codes] {
  const [literals, distances] = [take(bits, 5) + 257, take(bits, 5) + 1];
  const count = take(bits, 4) + 4;
  const own = new Uint8Array(19);
  for (let i = 0; i < count; i++) own[ORDER[i]] = take(bits, 3);
  const codes = codesOf(own);
  const lengths = new Uint8Array(literals + distances);
  for (let i = 0; i < lengths.length; ) {
    while (bits.count < 15) {
      bits.hold |= (bits.data[bits.at++] ?? 0) << bits.count;
      bits.count += 8;
    }
    const entry = codes.fast[bits.hold & 1023] || slowEntry(codes, bits.hold);
    bits.hold >>>= entry & 15;
    bits.count -= entry & 15;
    const symbol = entry >> 4;
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    if (symbol === 16 && i === 0) throw broken("a repetition of nothing");
    const value = symbol === 16 ? lengths[i - 1] : 0;
    const times =
      symbol === 16 ? 3 + take(bits, 2) : symbol === 17 ? 3 + take(bits, 3) : 11 + take(bits, 7);
    if (i + times > lengths.length) throw broken("too many code lengths");
    lengths.fill(value, i, i + times);
    i += times;
  }
  if (lengths[256] === 0) throw broken("a block without an end");
  return [codesOf(lengths.subarray(0, literals)), codesOf(lengths.subarray(literals))];
}

/** Canonical codes by their lengths, 0 for none. Throws where there are more than fit. */
function codesOf(lengths: Uint8Array): Codes {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  const places = new Uint16Array(17);
  const next = new Uint16Array(17);
  let left = 1;
  for (let length = 1; length <= 15; length++) {
    left = 2 * left - counts[length];
    if (left < 0) throw broken("more codes than fit");
    places[length + 1] = places[length] + counts[length];
    next[length + 1] = (next[length] + counts[length]) << 1;
  }
  const symbols = new Uint16Array(lengths.length);
  const fast = new Uint16Array(1 << FAST_BITS);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol];
    if (length === 0) continue;
    symbols[places[length]++] = symbol;
    const code = next[length]++;
    if (length > FAST_BITS) continue;
    let reversed = 0;
    for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
    for (let i = reversed; i < fast.length; i += 1 << length) fast[i] = symbol * 16 + length;
  }
  return { fast, counts, symbols };
}

/** Adler-32 (RFC 1950, section 8.2). */
function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let i = 0; i < bytes.length; ) {
    // The most that fits into 32 bits before the remainder is taken.
    for (const end = Math.min(bytes.length, i + 3800); i < end; i++) {
      a += bytes[i];
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}
