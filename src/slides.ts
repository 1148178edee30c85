// `micrograph/slides`: images of any size, read chunk by chunk, in Node and in pages. A separate module
// that a page loads only if it opens a slide.

export {
  type ChunkGrid,
  chunkGrid,
  chunkOrder,
  chunksAround,
} from "./data/chunk-grid.js";
export {
  type CacheOptions,
  type ChunkedSource,
  type ChunkSource,
  cachedSource,
} from "./data/chunk-source.js";
export { type ChunkStatisticsOptions, chunkStatistics } from "./data/chunk-statistics.js";
export type { PixelSize, Samples } from "./data/image-types.js";
export type { Tile } from "./data/mirror.js";
export type { Normalisation } from "./data/normalise.js";
export type { TileSource } from "./data/tile-source.js";
export type { ByteSource } from "./formats/byte-source.js";
export { levelFor } from "./formats/slide/level-for.js";
export { openSlide, type SlideInput } from "./formats/slide/open-slide.js";
export type {
  OmeVersion,
  ReadableStore,
  Slide,
  SlideLevel,
  SlidePlane,
} from "./formats/slide/slide-types.js";
