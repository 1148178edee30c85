// Letters of 5 x 7 pixels for the words and numbers in pictures: a font file would be larger than
// the rest of the package. A letter is five columns of two hexadecimal digits; bit 0 is the top
// row.

import { type Colour, fillRectangle, type Picture } from "./picture.js";

/** The glyphs of these characters are in order, ten digits each. */
const CHARACTERS =
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-+/()%=_ @#&'*<>!?";
const COLUMNS: readonly string[] = [
  "20545454787f484444383844444428384444487f3854545418087e09010218a4a4a47c7f08040478",
  "00447d40004080847d007f1028440000417f40007c041804787c080404783844444438fc24242418",
  "18242424fc7c080404084854545424043f4440203c4040207c1c2040201c3c4030403c4428102844",
  "1ca0a0a07c4464544c447e1111117e7f494949363e414141227f4141221c7f494949417f09090901",
  "3e4149497a7f0808087f00417f41002040413f017f081422417f404040407f020c027f7f0408107f",
  "3e4141413e7f090909063e4151215e7f09192946464949493101017f01013f4040403f1f2040201f",
  "3f4038403f6314081463070870080761514945433e5149453e00427f400042615149462141454b31",
  "1814127f1027454545393c4a49493001710905033649494936064949291e006060000000a0600000",
  "0036360000080808080808083e08082010080402001c2241000041221c0023130864621414141414",
  "40404040400000000000324979413e147f147f143649552250000503000014083e08140814224100",
  "004122140800005f00000201510906",
];
const GLYPHS = COLUMNS.join("");
/** The glyph for other characters: an empty box. */
const UNKNOWN = "7f4141417f";

/** Columns from one letter to the next, at scale 1. */
export const LETTER_WIDTH = 6;
/** Rows of a letter with its descender, at scale 1. */
export const LETTER_HEIGHT = 8;

/** Returns the width of a text in pixels. */
export function textWidth(text: string, scale = 1): number {
  return Math.max(0, [...text].length * LETTER_WIDTH - 1) * scale;
}

/** Writes a text with its top left corner at (left, top), at an integer scale. */
export function drawText(
  picture: Picture,
  text: string,
  [left, top]: readonly [number, number],
  colour: Colour,
  scale = 1,
): void {
  for (const [index, character] of [...text].entries()) {
    const place = CHARACTERS.indexOf(character);
    const columns = place < 0 ? UNKNOWN : GLYPHS.slice(10 * place, 10 * place + 10);
    for (let column = 0; column < 5; column++) {
      const bits = Number.parseInt(columns.slice(2 * column, 2 * column + 2), 16);
      for (let row = 0; row < LETTER_HEIGHT; row++) {
        if ((bits >> row) % 2 === 0) continue;
        const x = left + (index * LETTER_WIDTH + column) * scale;
        const pixel = { x, y: top + row * scale, width: scale, height: scale };
        fillRectangle(picture, pixel, colour);
      }
    }
  }
}
