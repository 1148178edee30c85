// JPEG files, in Node and in pages: a separate module that is loaded only if a JPEG is read.

export {
  createJpegDecoder,
  decodeJpeg,
  type JpegDecoder,
  type JpegPixels,
} from "./decode-jpeg.js";
export { isJpeg } from "./header.js";
