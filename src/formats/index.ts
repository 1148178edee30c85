// Image files of every format, told by their content and read by ranges, in Node and in a page.

export type { RawImage, Samples } from "../data/image-types.js";
export type { OpenOptions } from "./image-file.js";
export {
  type Decoders,
  type ImageFileContent,
  type ImageFormat,
  imageFormat,
  openImageFile,
} from "./image-file.js";
export { type ByteSource, blobSource, bytesSource } from "./source.js";
export type { PageMode } from "./tiff/pages.js";
