// The files of cells that can be downloaded, in words.

import type { CellFileKey } from "../cells/cell-files.js";

/** `what` in sentences, `title` on buttons. */
export const CELL_KINDS: readonly {
  readonly key: CellFileKey;
  readonly title: string;
  readonly what: string;
}[] = [
  { key: "measurements", title: "Table (CSV)", what: "table" },
  { key: "objectLabels", title: "Labels (TIFF)", what: "label image" },
  { key: "objectColours", title: "Picture (PNG)", what: "coloured picture" },
  { key: "rois", title: "Fiji ROIs", what: "ROI set" },
  { key: "geojson", title: "QuPath", what: "GeoJSON" },
];
