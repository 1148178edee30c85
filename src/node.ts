// The public API in Node: everything of the core, and what needs Dawn, folders and files.

export * from "./index.js";
export { batchWorkers } from "./node/batch-workers.js";
export { loadCheckpoint, saveCheckpoint } from "./node/checkpoint.js";
export { choiceFile, fileStorage } from "./node/choice-file.js";
export { type OpenDeviceOptions, openDevice } from "./node/device.js";
export { findImages, type ImageFile, loadImage } from "./node/image-files.js";
export { findPairs, type PairedFiles, type PairFolders } from "./node/pairs.js";
export {
  decodePng,
  encodePalettePng,
  encodePng,
  type PngImage,
  picturePng,
} from "./node/png.js";
export { type GalleryMaterial, writeGallery } from "./node/report/gallery.js";
export { type ReportMaterial, writeReport } from "./node/report/report.js";
export {
  createRunFolder,
  type RunConfig,
  readRunFolder,
  recordRun,
} from "./node/run-folder.js";
export { loadSamples } from "./node/samples.js";
export { isPng } from "./png/chunks.js";
export type { PaletteImage } from "./png/palette-png.js";
export { openTiff, type TiffStack } from "./tiff/index.js";
