// JPEG files, in Node and in a page. A module of its own, which is loaded when one is read.

export {
  createJpegDecoder,
  decodeJpeg,
  type JpegDecoder,
  type JpegPixels,
} from "./decode-jpeg.js";
export { isJpeg } from "./header.js";
