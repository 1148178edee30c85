// `micrograph/formats`: files of every format as plain values, in Node and in pages. Image files
// are detected by their content and read by ranges.

export type { ImageCore, PixelSize, RawImage, Samples } from "../data/image-types.js";
export { type ByteSource, blobSource, bytesSource } from "./byte-source.js";
export {
  type GeoJsonObject,
  type GeoJsonOptions,
  readGeoJson,
  writeGeoJson,
} from "./geojson.js";
export type { OpenOptions } from "./image-file.js";
export {
  type Decoders,
  type ImageFileContent,
  type ImageFormat,
  imageFormat,
  openImageFile,
} from "./image-file.js";
export type { Outline, OutlineFile, Polygon, Ring } from "./outline.js";
export { readRoiSet, writeRoiSet } from "./roi-set.js";
export {
  floatsOf,
  readSafetensors,
  type SafetensorsDtype,
  type SafetensorsFile,
  type SafetensorsTensor,
  writeSafetensors,
} from "./safetensors.js";
export type { PageMode } from "./tiff/pages.js";
export { readZip, type UnzipOptions, writeZip, type ZipEntry } from "./zip.js";
