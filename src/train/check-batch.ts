// Checks a batch before it goes to the GPU, where a wrong number is hard to find: a ReLU turns NaN
// into 0.

import { checkNumbers, firstNotFinite, placeIn } from "../arguments/numbers.js";
import type { Batch } from "../data/tiles.js";
import { text } from "../graph/tensor.js";
import type { ModelConfig } from "../model/model.js";
import { checkLabels } from "../ops/loss/weighted-cross-entropy.js";

/**
 * Throws for a value of the image that is NaN or infinite and, with `labels`, for labels and
 * weights that the loss would refuse. The plan checks the lengths.
 */
export function checkBatch(
  { image, label, weight }: Batch,
  where: string,
  { channels, classes }: Pick<ModelConfig, "channels" | "classes">,
  sizes: { readonly tile: number; readonly output: number; readonly labels: boolean },
): void {
  for (const [name, values] of Object.entries({ image, label, weight })) {
    checkNumbers(`${where}: ${name}`, values);
  }
  const { tile, output, labels } = sizes;
  const at = firstNotFinite(image);
  if (at >= 0) {
    const place = text(placeIn([channels, tile, tile], at));
    const number = Math.floor(at / (channels * tile ** 2));
    throw new Error(
      `${where}: the image of tile ${number} is ${image[at]} at ${place} (channel, row, column), ` +
        "expected finite numbers",
    );
  }
  if (labels) checkLabels(where, label, weight, classes, output);
}
