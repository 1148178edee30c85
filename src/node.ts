// The public API in Node: the whole core, and what needs Dawn, folders and files.

export type { Pair } from "./data/pairs.js";
export type { ByteSource } from "./formats/byte-source.js";
export type { JpegDecoder, JpegPixels } from "./formats/jpeg/decode-jpeg.js";
export type { OnnxExternal } from "./formats/onnx/onnx-types.js";
export { isPng } from "./formats/png/chunks.js";
export type { PaletteImage } from "./formats/png/palette-png.js";
export { openTiff, type TiffStack } from "./formats/tiff/index.js";
export type { PageMode } from "./formats/tiff/pages.js";
export type { TiffOptions } from "./formats/tiff/tiff.js";
export * from "./index.js";
export type { ImportNetworkOptions } from "./interchange/bioimageio/import-package.js";
export type { ModelPackage } from "./interchange/bioimageio/package-files.js";
export type { ProcessingStep } from "./interchange/bioimageio/processing.js";
export type {
  DescribedTensor,
  DescribedWeights,
  ModelDescription,
  PackageTolerance,
} from "./interchange/bioimageio/read-description.js";
export {
  type OutputTest,
  type PackageTest,
  testPackage,
} from "./interchange/bioimageio/test-package.js";
export type { ImportedNetwork, ImportOptions } from "./interchange/graph-checkpoint.js";
export type { OnnxActivation } from "./interchange/onnx/end-activation.js";
export type { ImportOnnxOptions } from "./interchange/onnx/import-onnx.js";
export type { ImportPytorchOptions } from "./interchange/pytorch/import-pytorch.js";
export type { WeightNames } from "./interchange/pytorch/renamed-weights.js";
export { batchWorkers } from "./node/batch-workers.js";
export { loadCheckpoint, saveCheckpoint } from "./node/checkpoint.js";
export type { DataDigests } from "./node/digest.js";
export type { PairSource } from "./node/find-pairs.js";
export { findPairs, type PairedFiles, type PairFolders } from "./node/find-pairs.js";
export type { FindOptions, ReadOptions } from "./node/image-files.js";
export { findImages, type ImageFile, loadImage } from "./node/image-files.js";
export { importNetwork } from "./node/import-network.js";
export { openModelPackage } from "./node/model-package.js";
export { type OpenDeviceOptions, openDevice } from "./node/open-device.js";
export {
  decodePng,
  encodePalettePng,
  encodePng,
  type PngImage,
  picturePng,
} from "./node/png-files.js";
export type { Point } from "./node/report/chart.js";
export { type GalleryMaterial, writeGallery } from "./node/report/gallery.js";
export { type ReportMaterial, writeReport } from "./node/report/report.js";
export type { EventOf, RunRecord } from "./node/report/run-record.js";
export {
  createRunFolder,
  type ReadRunOptions,
  type RunConfig,
  readRunFolder,
  recordRun,
} from "./node/run-folder.js";
export type { LoadedSamples, LoadOptions, OpenedSamples } from "./node/samples.js";
export { loadSamples } from "./node/samples.js";
// A name of version 0.1.0.
export {
  doctorFile,
  fileStorage,
  tuningCacheFile,
  /** @deprecated Use `tuningCacheFile`. */
  tuningCacheFile as choiceFile,
} from "./node/tuning-cache-file.js";
