// The inputs of a network besides the image: planes are cut into the tiles of the image, numbers are
// the same for all tiles. Pages load this for networks that have such inputs.

import { kindOf } from "../arguments/numbers.js";
import type { InputValues, SizedPlanes } from "../data/image-types.js";
import type { Inputs } from "../gpu/plan-spec.js";
import type { Model, NetworkInput } from "../model/model.js";
import { inputName, inWords } from "../model/network-inputs.js";
import { readTile } from "./read-tile.js";
import { resampled } from "./resample-planes.js";
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
  const values = new Map(
    all.map(([own, one]) => [
      own,
      valuesOf(
        inputs[own],
        one,
        { width, height },
        () => `${name}: the network also reads ${inWords([own, one])}`,
      ),
    ]),
  );
  return async ({ area, view }) => {
    const read = all.map(async ([own, one]) => {
      if (!("channels" in one)) return [inputName(own), values.get(own) as Float32Array] as const;
      const { channels } = one;
      const planes = { width, height, channels, data: values.get(own) as Float32Array };
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

/** The numbers of an input, planes with the size of the image. Throws for any other count. */
function valuesOf(
  given: InputValues[string] | undefined,
  one: NetworkInput,
  size: Size,
  begin: () => string,
): Float32Array {
  const sized = isSized(given) ? given : undefined;
  const data = sized ? sized.data : given;
  if (sized && !("channels" in one)) {
    throw new Error(`${begin()}: expected a Float32Array of ${one.values} numbers, got planes`);
  }
  const { width, height } = sized ?? size;
  const count = "channels" in one ? one.channels * width * height : one.values;
  if (data instanceof Float32Array && data.length === count) {
    if (!("channels" in one) || (width === size.width && height === size.height)) return data;
    return resampled({ width, height, data }, one.channels, size);
  }
  const got = data instanceof Float32Array ? `${data.length} numbers` : kindOf(data);
  const of = sized ? ` for ${width} x ${height} pixels` : "";
  throw new Error(`${begin()}: expected a Float32Array of ${count} numbers${of}, got ${got}`);
}

const isSized = (given: unknown): given is SizedPlanes =>
  typeof given === "object" && given !== null && "width" in given && "data" in given;
