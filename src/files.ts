// `micrograph/files`: what goes with `micrograph/core` in a page that reads and writes files.

export { imageFromRaw, labelFromImage } from "./data/labels.js";
export type { Image, LabelMap, RawImage, Sample } from "./data/types.js";
export { type ImageSource, openImage, readImage } from "./page/read-image.js";
export { decodeSafetensors, encodeSafetensors } from "./train/safetensors.js";
