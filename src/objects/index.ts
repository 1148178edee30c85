// `micrograph/objects`: cells by number, in Node and in a page. A module of its own, which a page loads when
// it counts or measures.

export type { Components } from "../data/components.js";
export type { PixelSize, RawImage, Samples } from "../data/image-types.js";
export type { GeoJsonOptions } from "../formats/geojson.js";
export type { Outline, OutlineFile, Polygon, Ring } from "../formats/outline.js";
export { fillOutlines } from "./fill-outlines.js";
export {
  type MeasureOptions,
  measureObjects,
  type ObjectMeasurements,
  type Shape,
} from "./measure.js";
export type { Brightness } from "./measure-channels.js";
export { type MeasuredImage, measurementsCsv } from "./measurement-table.js";
export { type ObjectLabels, objectLabels } from "./object-labels.js";
export {
  type GeoJsonOutlineOptions,
  geoJsonOf,
  isOutlineName,
  type OutlineOptions,
  readOutlines,
  roiSetOf,
} from "./outline-files.js";
export { traceOutlines } from "./trace-outlines.js";
