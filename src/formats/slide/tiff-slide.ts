// TIFF files as slides: tiled or in strips, with the smaller copies of a pyramid, read by ranges.

import type { ChunkSource } from "../../data/chunk-source.js";
import type { ByteSource } from "../byte-source.js";
import type { JpegDecoder } from "../jpeg/decode-jpeg.js";
import type { Plane, TiffImage } from "../tiff/decode-plane.js";
import { type Directories, readDirectories, subDirectories } from "../tiff/directory.js";
import { parseOme } from "../tiff/ome.js";
import { descriptionOf, type Layout, readLayout, TAGS } from "../tiff/page-layout.js";
import { imagesOf } from "../tiff/pages.js";
import { pixelSizeOf } from "../tiff/pixel-size.js";
import { chosenChannels, joinedChunks, planeChunks } from "../tiff/plane-chunks.js";
import { explained, namedChunks } from "./slide-errors.js";
import { checkedPlane, type Slide } from "./slide-types.js";

/** The planes of one resolution: by slice and time, then by channel. */
interface Level {
  readonly layout: Layout;
  readonly images: readonly TiffImage[];
}

/**
 * Opens a TIFF or BigTIFF file. Smaller copies are levels: those in sub-directories (OME-TIFF), and
 * pages of the same shape (pyramids of slide scanners). Throws a sentence that names the file.
 */
export async function openTiffSlide(
  source: ByteSource,
  name: string,
  jpeg: JpegDecoder,
): Promise<Slide> {
  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explained(name, error);
    }
  };
  const { file, levels, description, remarks } = await named(async () => {
    const file = await readDirectories(source);
    const { images } = await imagesOf(file, name, "auto");
    const description = await descriptionOf(file.reader, file.list[0]);
    return { file, ...(await levelsOf(file, images)), description };
  });
  const [{ images, layout }] = levels;
  const { sizeZ, sizeT, isTimeFirst } = sizesOf(description, name, images.length);
  const [first] = images[0].planes;
  const pixelSize = await pixelSizeOf(file.reader, first.directory, description);
  const inPage = (one: Layout) =>
    Math.max(1, one.samples - one.extra.filter((kind) => kind === 1 || kind === 2).length);
  const count = images[0].planes.reduce((sum, plane) => sum + inPage(plane.layout), 0);
  const slide = {
    name,
    format: "tiff" as const,
    levels: levels.map(({ layout: { width, height } }) => {
      return { width, height, factor: Math.max(1, Math.round(layout.width / width)) };
    }),
    channelNames: Array.from({ length: count }, (_, index) => `${index}`),
    sizeZ,
    sizeT,
    pixelSize,
    remarks,
  };
  // Pages that cannot be read by parts fail here and not in the middle of a prediction.
  await named(() => planeChunks(file, first, { jpeg }));
  return {
    ...slide,
    chunks: async (plane = {}) => {
      const { level, channels, z, t } = checkedPlane(slide, plane);
      const index = isTimeFirst ? z * sizeT + t : t * sizeZ + z;
      return named(async () => {
        const sources: ChunkSource[] = [];
        for (const one of levels[level].images[index].planes) {
          sources.push(await planeChunks(file, one, { jpeg }));
        }
        return namedChunks(name, chosenChannels(joinedChunks(sources), channels));
      });
    },
  };
}

/** Slices and times by the OME-XML; else every image is a slice. */
function sizesOf(description: string, name: string, count: number) {
  const [image] = parseOme(description, name)?.images ?? [];
  const { Z, T } = image?.sizes ?? { Z: count, T: 1 };
  if (Z * T !== count) return { sizeZ: count, sizeT: 1, isTimeFirst: false };
  const order = image?.order ?? ["Z", "T"];
  return { sizeZ: Z, sizeT: T, isTimeFirst: order.indexOf("T") < order.indexOf("Z") };
}

async function levelsOf(
  file: Directories,
  images: readonly TiffImage[],
): Promise<{ levels: Level[]; remarks: string[] }> {
  const { layout } = images[0].planes[0];
  // Other images of the file, such as labels of the glass, have another size.
  const alike = images.filter(({ planes: [plane] }) => {
    return plane.layout.width === layout.width && plane.layout.height === layout.height;
  });
  const left = images.length - alike.length;
  const remarks = left > 0 ? [`${left} images of another size in it are left out`] : [];
  const levels: Level[] = [{ layout, images: alike }];
  const first = await copiesOf(file, alike[0].planes[0]);
  for (const [index, copy] of first.entries()) {
    const copied: TiffImage[] = [];
    for (const { planes } of alike) {
      const level: Plane[] = [];
      for (const plane of planes) level.push((await copiesOf(file, plane))[index]);
      copied.push({ planes: level });
    }
    const isWhole = copied.every(({ planes }) => planes.every((plane) => plane !== undefined));
    if (isWhole) levels.push({ layout: copy.layout, images: copied });
  }
  if (first.length === 0 && alike.length === 1 && alike[0].planes.length === 1) {
    for (const plane of await smallerPages(file, alike[0].planes[0])) {
      levels.push({ layout: plane.layout, images: [{ planes: [plane] }] });
    }
  }
  return { levels, remarks };
}

/** The smaller copies in a page's sub-directories, the largest first. */
async function copiesOf(file: Directories, { directory, layout }: Plane): Promise<Plane[]> {
  const found: Plane[] = [];
  for (const copy of await subDirectories(file.reader, directory, TAGS.SubIFDs)) {
    found.push({ directory: copy, layout: await readLayout(file.reader, copy), shift: 0 });
  }
  return smaller(found, layout);
}

/** Pages with the shape of another one, the largest first. */
async function smallerPages(file: Directories, { layout }: Plane): Promise<Plane[]> {
  const pages: Plane[] = [];
  for (const directory of file.list) {
    pages.push({ directory, layout: await readLayout(file.reader, directory), shift: 0 });
  }
  return smaller(pages, layout).filter((plane) => plane.layout.isTiled === layout.isTiled);
}

function smaller(planes: readonly Plane[], base: Layout): Plane[] {
  const isCopy = ({ layout: { width, height, samples, bits } }: Plane) => {
    const scale = base.width / width;
    return (
      scale > 1 &&
      Math.abs(height * scale - base.height) <= scale + 1 &&
      samples === base.samples &&
      bits[0] === base.bits[0]
    );
  };
  return planes.filter(isCopy).sort((a, b) => b.layout.width - a.layout.width);
}
