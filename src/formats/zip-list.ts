// The list of files at the end of a zip archive, checked before the archive is read: what is forged there makes
// readers loop or fill memory.

const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
/** A comment of this length may follow the end. */
const LONGEST_COMMENT = 65535;
/** In 64-bit archives: the number is in an extra field of this kind. */
const ELSEWHERE = 0xffffffff;
const EXTRA_64 = 1;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const RECORD = 0x06064b50;
const RECORD_BYTES = 56;

/**
 * Throws what is wrong with the list of an archive: it is missing, cut, leads outside of the archive,
 * or its files overlap.
 */
export function checkZipList(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - END_BYTES;
  const first = Math.max(0, end - LONGEST_COMMENT);
  while (end >= first && view.getUint32(end, true) !== END) end--;
  if (end < first) throw new Error("it has no list of files at its end");
  let count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === ELSEWHERE) ({ count, at } = list64(view, end));
  let packed = 0;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY) {
      throw new Error("its list of files is cut");
    }
    const [size, whole, place] = [20, 24, 42].map((from) => view.getUint32(at + from, true));
    const [name, extra, comment] = [28, 30, 32].map((from) => view.getUint16(at + from, true));
    const next = at + ENTRY_BYTES + name + extra + comment;
    if (next > end) throw new Error("its list of files is cut");
    const extraAt = at + ENTRY_BYTES + name;
    if ([size, whole, place].includes(ELSEWHERE)) {
      if (!hasExtra64(view, extraAt, extraAt + extra)) throw new Error("a size in it is missing");
    } else {
      packed += size;
      if (place + size > at) throw new Error("a file in it is cut");
    }
    if (packed > bytes.length) throw new Error("its files overlap");
    at = next;
  }
}

/** The number of files and the place of the list in a 64-bit archive. */
function list64(view: DataView, end: number): { readonly count: number; readonly at: number } {
  const wrong = () => new Error("its list of files is cut");
  if (end < LOCATOR_BYTES || view.getUint32(end - LOCATOR_BYTES, true) !== LOCATOR) throw wrong();
  const record = Number(view.getBigUint64(end - LOCATOR_BYTES + 8, true));
  if (record + RECORD_BYTES > end || view.getUint32(record, true) !== RECORD) throw wrong();
  const [count, at] = [32, 48].map((from) => Number(view.getBigUint64(record + from, true)));
  return { count, at };
}

function hasExtra64(view: DataView, start: number, end: number): boolean {
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) === EXTRA_64) return true;
  }
  return false;
}
