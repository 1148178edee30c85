// `micrograph/tiff`: TIFF files, in Node and in a page. A module of its own, which a page loads when
// it reads one.

export type { PixelSize, RawImage, Samples } from "../../data/image-types.js";
export type { ByteSource } from "../byte-source.js";
export type { JpegDecoder, JpegPixels } from "../jpeg/decode-jpeg.js";
export type { PageMode } from "./pages.js";
export { isTiff } from "./signature.js";
export { openTiff, type TiffOptions, type TiffStack } from "./tiff.js";
export { encodeTiff } from "./write-tiff.js";
