// The appearance of predictions, converted to the inputs of the shader `canvas-draw`.

import { checkKeys, checkWord } from "../arguments/keys.js";
import { defaultColour } from "../data/classes.js";
import type { Colour } from "../data/image-types.js";
import type { RecordValues } from "./kernels.js";

/** How the classes of pixels are decided. */
export interface ClassLook {
  /**
   * For two classes: pixels are class 1 above this probability, 0 to 1. By default the more
   * probable class.
   */
  readonly threshold?: number | undefined;
}

/** Every pixel in the colour of its class. */
export interface MaskLook extends ClassLook {
  /** Each pixel in the colour of its class. */
  readonly kind: "mask";
  /** By class. By default black and white for two classes, else the default colours. */
  readonly colours?: readonly Colour[] | undefined;
}

/** The probability of a class as grey, 0 black and 1 white. */
export interface ProbabilityLook {
  /** The probability of one class, in grey. */
  readonly kind: "probability";
  /** By default 1. */
  readonly class?: number | undefined;
}

/** The classes in colours, as a transparent overlay: the page shows through. */
export interface OverlayLook extends ClassLook {
  /** The classes in their colours, transparent, over the picture. */
  readonly kind: "overlay";
  /** 0 to 1, by default 0.35. */
  readonly opacity?: number | undefined;
  /**
   * By class; a class without a colour is not drawn. By default the default colours, and none for
   * class 0.
   */
  readonly colours?: readonly (Colour | undefined)[] | undefined;
}

/** What a prediction is drawn as. */
export type Look = MaskLook | ProbabilityLook | OverlayLook;

interface Size {
  readonly width: number;
  readonly height: number;
  readonly classes: number;
}

const LOOKS: Readonly<Record<Look["kind"], Readonly<Record<string, 1>>>> = {
  mask: { kind: 1, threshold: 1, colours: 1 },
  probability: { kind: 1, class: 1 },
  overlay: { kind: 1, threshold: 1, opacity: 1, colours: 1 },
};

/** Returns red, green, blue and alpha of each class, premultiplied, and the uniforms. */
export function drawingOf(
  { width, height, classes }: Size,
  look: Look,
): { readonly colours: Float32Array<ArrayBuffer>; readonly uniforms: RecordValues } {
  checkWord("look: the kind", look.kind, Object.keys(LOOKS));
  checkKeys<object>("look", look, LOOKS[look.kind]);
  const isGrey = look.kind === "probability";
  const { class: shown = 1 } = isGrey ? look : {};
  if (!(Number.isInteger(shown) && shown >= 0 && shown < classes)) {
    throw new RangeError(`class: got ${shown}, expected 0 to ${classes - 1}`);
  }
  const { threshold } = isGrey ? {} : look;
  if (threshold !== undefined && classes !== 2) {
    throw new RangeError(`a threshold needs two classes, got ${classes}`);
  }
  if (threshold !== undefined) checkShare("threshold", threshold);
  const colours = new Float32Array(classes * 4);
  if (look.kind !== "probability") fillColours(colours, look);
  return {
    colours,
    uniforms: {
      whole: [width, height, classes, Number(isGrey), shown],
      floats: [threshold ?? -1],
    },
  };
}

function fillColours(colours: Float32Array, look: MaskLook | OverlayLook): void {
  const classes = colours.length / 4;
  const opacity = look.kind === "overlay" ? (look.opacity ?? 0.35) : 1;
  checkShare("opacity", opacity);
  for (let index = 0; index < classes; index++) {
    const colour = colourOf(look, index, classes);
    if (!colour) continue;
    colours.set([...colour.map((value) => (value / 255) * opacity), opacity], 4 * index);
  }
}

function colourOf(look: MaskLook | OverlayLook, index: number, classes: number) {
  if (look.kind === "overlay") {
    if (look.colours) return look.colours[index];
    return index === 0 ? undefined : defaultColour(index);
  }
  const grey = 255 * index;
  const usual: Colour = classes === 2 ? [grey, grey, grey] : defaultColour(index);
  return look.colours?.[index] ?? usual;
}

function checkShare(what: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`${what}: got ${value}, expected 0 to 1`);
}
