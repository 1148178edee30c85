// Which images a file holds: its pages, less the copies for display, as stacks and as channels.

import type { Plane } from "./decode.js";
import type { Directories } from "./directory.js";
import { damaged } from "./directory.js";
import { type Layout, readLayout } from "./layout.js";

export type PageMode = "auto" | "channels" | "images";

/** An image: the planes of its channels. */
export interface TiffImage {
  readonly planes: readonly Plane[];
}

export async function imagesOf(file: Directories, _fileName: string, _mode: PageMode) {
  const planes: Plane[] = [];
  for (const directory of file.list) {
    let layout: Layout;
    try {
      layout = await readLayout(file.reader, directory);
    } catch (error) {
      throw damaged((error as Error).message);
    }
    if ((layout.kind & 5) === 0) planes.push({ directory, layout, shift: 0 });
  }
  if (planes.length === 0) throw damaged("it holds no image");
  const images: TiffImage[] = planes.map((plane) => ({ planes: [plane] }));
  return { images, remarks: [] as string[] };
}
