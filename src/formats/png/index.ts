// `micrograph/png`: PNG files, in Node and in a page. A module of its own, which a page loads when it
// reads or writes one.

export type { Colour, Picture, PixelSize, RawImage, Samples } from "../../data/image-types.js";
export { isPng } from "./chunks.js";
export type { PaletteImage } from "./palette-png.js";
export { picturePng } from "./picture-png.js";
export { decodePng, encodePalettePng, encodePng, type PngImage } from "./png.js";
