// `micrograph/png`: PNG files, in Node and in pages. A separate module that a page loads only if it
// reads or writes one.

export type {
  Colour,
  ImageCore,
  Picture,
  PixelSize,
  RawImage,
  Samples,
} from "../../data/image-types.js";
export { isPng } from "./chunks.js";
export type { PaletteImage } from "./palette-png.js";
export { picturePng } from "./picture-png.js";
export { decodePng, encodePalettePng, encodePng, type PngImage } from "./png.js";
