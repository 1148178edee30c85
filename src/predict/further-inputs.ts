// The inputs of a network besides the image: planes are cut into the tiles of the image, numbers are
// the same for all tiles. Pages load this for networks that have such inputs.

import { kindOf } from "../arguments/numbers.js";
import type { Inputs } from "../gpu/plan-spec.js";
import type { Model } from "../model/model.js";
import { inputName, inWords } from "../model/network-inputs.js";
import type { InputValues } from "../train/training-types.js";
import { readTile } from "./read-tile.js";
import type { readView } from "./test-time-mean.js";
import type { Size, TilePlace } from "./tiling.js";

/** What is predicted, and with which values. */
interface Given {
  /** The image's name in errors. */
  readonly name: string;
  readonly size: Size;
  readonly inputs: InputValues | undefined;
  readonly readView: typeof readView | undefined;
}

/**
 * Returns a function that reads the values for a tile. Throws unless there are as many for each input
 * as the image needs.
 */
export function inputReader(
  expected: NonNullable<Model["inputs"]>,
  { name, size: { width, height }, inputs = {}, readView }: Given,
): (place: TilePlace) => Promise<Inputs> {
  const unknown = Object.keys(inputs).find((own) => !(own in expected));
  const all = Object.entries(expected);
  if (unknown !== undefined) {
    const known = all.map(inWords).join(", ");
    throw new Error(`${name}: the network has no input ${unknown}, it has ${known}`);
  }
  for (const [own, one] of all) {
    const values = inputs[own];
    const count = "channels" in one ? one.channels * width * height : one.values;
    if (values instanceof Float32Array && values.length === count) continue;
    const got = values instanceof Float32Array ? `${values.length} numbers` : kindOf(values);
    throw new Error(
      `${name}: the network also reads ${inWords([own, one])}: expected a Float32Array of ${count} numbers, got ${got}`,
    );
  }
  return async ({ area, view }) => {
    const read = all.map(async ([own, one]) => {
      if (!("channels" in one)) return [inputName(own), inputs[own]] as const;
      const { channels } = one;
      const planes = { width, height, channels, data: inputs[own] };
      const asTheyAre = Array.from({ length: channels }, () => ({ mean: 0, deviation: 1 }));
      const tile =
        view && readView
          ? await readView(planes, asTheyAre, area, view)
          : await readTile(planes, asTheyAre, area);
      return [inputName(own), tile] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  };
}
