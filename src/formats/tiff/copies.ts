// Finds pages that are not separate images: the levels of a pyramid without the tags for them, and
// the pictures that slide scanners store next to a slide.

import type { Layout } from "./page-layout.js";

/** Smaller pages than this have no pyramid. */
const LEAST_SIDE = 32;

/** Returns which pages are smaller copies of the largest, or small pictures of another kind. */
export function copiesAmong(pages: readonly Layout[]): boolean[] {
  const area = ({ width, height }: Layout) => width * height;
  const base = pages.reduce((most, page) => (area(page) > area(most) ? page : most));
  return pages.map((page) => page !== base && isCopy(page, base));
}

function isCopy(page: Layout, base: Layout): boolean {
  if (page.width >= base.width || page.height >= base.height) return false;
  if (Math.min(base.width, base.height) < LEAST_SIDE) return false;
  if (!isSameKind(page, base)) return true;
  for (let factor = 2; factor <= base.width; factor *= 2) {
    const isPart = (part: number, whole: number) => Math.abs(part * factor - whole) < factor;
    if (isPart(page.width, base.width) && isPart(page.height, base.height)) return true;
  }
  // Slides, stored in tiles, come with a thumbnail of any size.
  const scale = base.width / page.width;
  return base.isTiled && scale >= 2 && Math.abs(page.height - base.height / scale) <= 1;
}

function isSameKind(a: Layout, b: Layout): boolean {
  const kind = ({ samples, bits, formats, photometric }: Layout) =>
    // Levels of slides can be RGB or YCbCr.
    [samples, bits, formats, photometric === 6 ? 2 : photometric].join();
  return kind(a) === kind(b);
}
