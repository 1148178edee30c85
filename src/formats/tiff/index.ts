// `micrograph/tiff`: TIFF files, in Node and in pages. A separate module that a page loads only if
// it reads one.

export type { ImageCore, PixelSize, RawImage, Samples } from "../../data/image-types.js";
export type { ByteSource } from "../byte-source.js";
export type { JpegDecoder, JpegPixels } from "../jpeg/decode-jpeg.js";
export type { PageMode } from "./pages.js";
export { isTiff } from "./signature.js";
export { openTiff, type TiffOptions, type TiffStack } from "./tiff.js";
export { encodeTiff } from "./write-tiff.js";
