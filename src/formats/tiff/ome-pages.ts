// Arranges the pages of an OME-TIFF file by its OME-XML: channels together, z and t as pages.

import type { Plane, TiffImage } from "./decode-plane.js";
import type { Ome, OmeImage } from "./ome.js";

/**
 * Returns the images that OME-XML describes; undefined if it describes other pixels. Throws if no
 * image is completely in the file.
 */
export function omeImages(
  ome: Ome,
  directories: readonly Plane[],
  remarks: string[],
): TiffImage[] | undefined {
  if (ome.images.length === 0) {
    if (directories.length === 1) return undefined;
    throw new Error(
      "its OME-XML is in another file, so which of its pages are channels is not known: take the " +
        "pages as channels or as images",
    );
  }
  const [{ layout }] = directories;
  const fits = ({ width, height }: OmeImage) => width === layout.width && height === layout.height;
  if (!ome.images.some(fits)) {
    const [{ width, height }] = ome.images;
    remarks.push(
      `its OME-XML describes ${width}x${height} pixels, not these: each page is an image`,
    );
    return undefined;
  }
  const found: TiffImage[] = [];
  let [next, elsewhere, incomplete] = [0, 0, 0];
  for (const image of ome.images) {
    const series = seriesOf(image, directories, next);
    found.push(...series.complete);
    next = series.next;
    elsewhere += series.elsewhere;
    incomplete += series.incomplete;
  }
  if (found.length === 0) {
    const where = elsewhere > 0 ? "; the others are in other files" : "";
    throw new Error(
      `its OME-XML names more channels than the file holds${where}: take its pages as channels or ` +
        "as images",
    );
  }
  if (elsewhere > 0) remarks.push(`${elsewhere} of its planes are in other files`);
  if (incomplete > 0) remarks.push(`${incomplete} of its images lack channels and are left out`);
  return found;
}

function seriesOf(image: OmeImage, directories: readonly Plane[], start: number) {
  const { order } = image;
  const first = directories[image.pages.find(({ elsewhere }) => !elsewhere)?.first ?? start];
  const inPage = first?.layout.samples ?? 1;
  const samples = image.sizes.C % inPage === 0 ? inPage : (image.samples ?? 1);
  const sizes = { ...image.sizes, C: Math.max(1, Math.floor(image.sizes.C / samples)) };
  const total = sizes.C * sizes.Z * sizes.T;

  /** By plane of the image, in its order. */
  const planes = new Map<number, Plane>();
  let elsewhere = 0;
  let next = start;
  const all = { first: start, count: undefined, c: 0, z: 0, t: 0, elsewhere: undefined };
  for (const pages of image.pages.length > 0 ? image.pages : [all]) {
    const places = { C: pages.c, Z: pages.z, T: pages.t };
    const from = order.reduceRight((sum, axis) => sum * sizes[axis] + places[axis], 0);
    const count = Math.min(pages.count ?? total, total - from);
    if (pages.elsewhere !== undefined) {
      elsewhere += Math.max(0, count);
      continue;
    }
    for (let i = 0; i < count && pages.first + i < directories.length; i++) {
      planes.set(from + i, directories[pages.first + i]);
    }
    next = Math.max(next, pages.first + Math.max(0, count));
  }
  const images = new Map<number, Plane[]>();
  for (const [place, plane] of [...planes].sort(([a], [b]) => a - b)) {
    const { channel, rest } = split(place, order, sizes);
    const channels = images.get(rest) ?? [];
    channels[channel] = plane;
    images.set(rest, channels);
  }
  const sorted = [...images].sort(([a], [b]) => a - b).map(([, channels]) => channels);
  const complete = sorted.filter((channels) => Object.keys(channels).length === sizes.C);
  return {
    complete: complete.map((channels) => ({ planes: channels })),
    incomplete: sorted.length - complete.length,
    elsewhere,
    next,
  };
}

/** Returns the channel of a plane, and the number of its image among z and t. */
function split(place: number, order: OmeImage["order"], sizes: OmeImage["sizes"]) {
  let [channel, rest, step, left] = [0, 0, 1, place];
  for (const axis of order) {
    const at = left % sizes[axis];
    left = Math.floor(left / sizes[axis]);
    if (axis === "C") channel = at;
    else {
      rest += at * step;
      step *= sizes[axis];
    }
  }
  return { channel, rest };
}
