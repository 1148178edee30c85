// Cells as files: the same names and values as those of `micrograph predict`.

import { encodePalettePng, encodePng, picturePng } from "../../../src/formats/png/index.js";
import { PREDICTION_OUTPUTS, type PredictedCells, type RawImage } from "../../../src/index.js";
import type { MeasuredImage, ObjectLabels } from "../../../src/objects/index.js";
import type { OutputFile } from "../outputs/pictures.js";

/** What a file holds, as the JSON of `micrograph predict` calls it. */
export type CellFileKey = "objectLabels" | "objectColours" | "measurements" | "rois" | "geojson";

/** The outputs that make them, by name. */
const KEYS: Readonly<Record<string, readonly CellFileKey[]>> = {
  objects: ["objectLabels", "objectColours"],
  measure: ["measurements"],
  rois: ["rois"],
  geojson: ["geojson"],
};

const OUTPUTS = PREDICTION_OUTPUTS.filter(({ name }) => name in KEYS);

/** The cells that pass a filter: `kept`, [count + 1]. They keep their numbers and what was measured of them. */
export function predictedCells(
  labels: ObjectLabels,
  measured: MeasuredImage,
  kept: Uint8Array,
): PredictedCells {
  const numbers: number[] = [];
  const indices = new Int32Array(labels.count + 1);
  for (let number = 1; number <= labels.count; number++) {
    if (kept[number]) indices[number] = numbers.push(number);
  }
  const data = labels.data.map((number) => indices[number]);
  const objects = numbers.map((number) => measured.objects[number - 1]);
  return {
    labels: { ...labels, data, count: numbers.length },
    numbers,
    measured: { ...measured, objects },
  };
}

/** The files of one image; `name`: what their names begin with. */
export function cellFiles(
  image: RawImage,
  name: string,
  found: PredictedCells,
  keys: readonly CellFileKey[],
): OutputFile[] {
  const { pixelSize } = found.measured;
  // Of a prediction, only its cells are needed.
  const others = { probabilities: new Float32Array(), classes: 2, indices: new Uint8Array() };
  const predicted = { ...others, image, colours: [], pixelSize, found };
  return OUTPUTS.flatMap((output) => {
    if (!keys.some((key) => KEYS[output.name].includes(key))) return [];
    const { files } = output.encode(predicted, { encodePng, encodePalettePng, picturePng });
    return files
      .filter(({ key }) => keys.includes(key as CellFileKey))
      .map(({ suffix, bytes }) => ({ path: `${name}${suffix}`, bytes }));
  });
}
