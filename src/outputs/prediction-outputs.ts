// The outputs that can be written for a prediction: one list for `predict`, `evaluate` and the app.

import { connectedComponents } from "../data/components.js";
import { outlines } from "../data/outlines.js";
import { encodeTiff } from "../formats/tiff/write-tiff.js";
import { outlinePicture, tintedPicture } from "../pictures/views.js";
import { CELL_OUTPUTS } from "./cell-outputs.js";
import type { PredictionOutput } from "./output-types.js";

const mask: PredictionOutput = {
  name: "mask",
  appWords: "Mask: the class of each pixel.",
  suffixes: (classes) => (classes === 2 ? [".png"] : [".png", "-colours.png"]),
  encode({ image: { width, height }, classes, indices, colours }, encoders) {
    const data = classes === 2 ? indices.map((index) => 255 * index) : indices;
    const bytes = encoders.encodePng({ width, height, channels: 1, bitDepth: 8, data });
    const file = { key: "mask", suffix: ".png", bytes };
    if (classes === 2) return { files: [file] };
    const coloured = encoders.encodePalettePng({ width, height, indices, palette: colours });
    return { files: [file, { key: "colours", suffix: "-colours.png", bytes: coloured }] };
  },
};

/** For two classes the probability of class 1, for more that of each class. */
const probability: PredictionOutput = {
  name: "probability",
  appWords: "Probability: 16 bits per pixel.",
  suffixes: (classes) =>
    classes === 2
      ? ["-probability.png"]
      : Array.from({ length: classes }, (_, index) => `-probability-${index}.png`),
  encode({ image: { width, height }, classes, probabilities }, encoders) {
    const files = probability.suffixes(classes).map((suffix, i) => {
      const index = classes === 2 ? 1 : i;
      const plane = probabilities.subarray(index * width * height, (index + 1) * width * height);
      // In 64 bits, so that rounding to 1/65535 is the only rounding.
      const data = Float64Array.from(plane, (value) => 65535 * value);
      const bytes = encoders.encodePng({ width, height, channels: 1, bitDepth: 16, data });
      return { key: "probability", suffix, bytes };
    });
    return { files };
  },
};

const components: PredictionOutput = {
  name: "components",
  help:
    "also <name>-components.png: a number per object, 16 bits; above 65,535 objects " +
    "<name>-components.tif, 32 bits",
  appWords: "Components: a number per object.",
  suffixes: () => ["-components.png", "-components.tif"],
  encode({ image: { width, height }, indices }, encoders) {
    const { labels, count } = connectedComponents(indices, width, height);
    const [png, tif] = components.suffixes(2);
    const size = { width, height, channels: 1 } as const;
    const file =
      count < 2 ** 16
        ? { suffix: png, bytes: encoders.encodePng({ ...size, bitDepth: 16, data: labels }) }
        : {
            suffix: tif,
            bytes: encodeTiff({ ...size, maximum: 2 ** 32 - 1, data: Uint32Array.from(labels) }),
          };
    return { files: [{ key: "components", ...file }], facts: { objects: count } };
  },
};

const outlineMask: PredictionOutput = {
  name: "outlines",
  help: "also <name>-outlines.png: the outlines of the objects, white on black",
  suffixes: () => ["-outlines.png"],
  encode({ image: { width, height }, indices }, encoders) {
    const data = outlines(indices, width, height).map((edge) => 255 * edge);
    const bytes = encoders.encodePng({ width, height, channels: 1, bitDepth: 8, data });
    return { files: [{ key: "outlines", suffix: "-outlines.png", bytes }] };
  },
};

const overlay: PredictionOutput = {
  name: "overlay",
  help: "also <name>-overlay.png: the outlines in colour over the image",
  appWords: "Overlay: outlines on the image.",
  suffixes: () => ["-overlay.png"],
  encode({ image, classes, indices, colours }, encoders) {
    const { width, height } = image;
    const draw = classes === 2 ? outlinePicture : tintedPicture;
    const bytes = encoders.picturePng(draw(image, { width, height, data: indices }, colours));
    return { files: [{ key: "overlay", suffix: "-overlay.png", bytes }] };
  },
};

/** All outputs, in the order in which they are written. */
export const PREDICTION_OUTPUTS: readonly PredictionOutput[] = [
  mask,
  probability,
  components,
  outlineMask,
  overlay,
  ...CELL_OUTPUTS,
];
