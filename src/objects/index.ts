// `micrograph/objects`: numbered cells, in Node and in a page. A separate entry, so that a page only loads it
// if it counts or measures.

export type { Components } from "../data/components.js";
export { isOutlineName } from "../data/file-names.js";
export type { ImageCore, LabelMap, PixelSize, RawImage, Samples } from "../data/image-types.js";
export type { Tile } from "../data/mirror.js";
export type { ObjectKind } from "../data/task.js";
export type { GeoJsonOptions } from "../formats/geojson.js";
export type { Outline, OutlineFile, Polygon, Ring } from "../formats/outline.js";
export { type ClassProbabilities, cellProbability, cellsOfLabel } from "./cells-of-classes.js";
export {
  CELL_THRESHOLDS,
  type ChosenSeparation,
  SEPARATIONS,
  type SeparationChooser,
  separationChooser,
} from "./choose-separation.js";
export type { PixelPlace } from "./cut-object.js";
export {
  type EditedObjects,
  editObjects,
  type ObjectEdit,
  type SkippedEdit,
  type SkipReason,
  splitAlong,
} from "./edit-objects.js";
export { fillOutlines } from "./fill-outlines.js";
export {
  type ChunkedLabels,
  type JoinedObjects,
  type JoinOptions,
  joinObjects,
} from "./join-objects.js";
export { MATCH_THRESHOLDS, matchObjects, type ObjectMatches } from "./match-objects.js";
export {
  type MeasureOptions,
  measureObjects,
  type ObjectMeasurements,
  type Shape,
} from "./measure.js";
export type { Brightness } from "./measure-channels.js";
export {
  type ImageChunks,
  type LabelChunks,
  type MeasureChunksOptions,
  measureChunks,
} from "./measure-chunks.js";
export {
  type MeasuredImage,
  type MeasurementColumn,
  measurementColumns,
  measurementsCsv,
} from "./measurement-table.js";
export { type NumberedObjects, numberedObjects } from "./numbered-objects.js";
export { type ObjectFigures, objectFigures } from "./object-figures.js";
export { type ObjectLabels, objectLabels } from "./object-labels.js";
export {
  type GeoJsonOutlineOptions,
  geoJsonOf,
  type OutlineOptions,
  readOutlines,
  roiSetOf,
} from "./outline-files.js";
export type { CellPlanes, ChunkedCells } from "./separate-chunks.js";
export {
  type CellProbability,
  DEFAULT_HOLES,
  DEFAULT_SEPARATION,
  DEFAULT_SMALLEST,
  DEFAULT_THRESHOLD,
  type PreparedSeparation,
  prepareSeparation,
  type SeparationOptions,
  separateObjects,
} from "./separate-objects.js";
export { type ObjectStitcher, stitchObjects } from "./stitch-objects.js";
export { traceOutlines } from "./trace-outlines.js";
