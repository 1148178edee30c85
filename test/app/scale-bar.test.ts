import { test } from "uvu";
import * as assert from "uvu/assert";
import { scaleBar } from "../../app/src/canvas/scale-bar.js";

test("a scale bar has 1, 2 or 5 times a power of ten, and its unit", () => {
  const expected: readonly [micrometres: number, text: string, length: number][] = [
    [0.325, "20 µm", 61.5],
    [0.0833, "5 µm", 60],
    [1 / 120, "1 µm", 120],
    [0.0083, "500 nm", 60.2],
    [0.0001, "10 nm", 100],
    [9, "1 mm", 111.1],
    [8.3, "500 µm", 60.2],
    [9000, "1 m", 111.1],
    [1e-6, "0.1 nm", 100],
  ];
  for (const [micrometres, text, length] of expected) {
    const bar = scaleBar(micrometres, 120);
    assert.is(bar.text, text);
    assert.ok(Math.abs(bar.length - length) < 0.1, `${text}: ${bar.length}`);
  }
});

test("at every zoom the bar is at least two fifths of the longest, and never longer", () => {
  for (let micrometres = 1e-5; micrometres < 1e5; micrometres *= 1.07) {
    const { length, text } = scaleBar(micrometres, 120);
    assert.ok(length > 0.4 * 120 - 1e-6 && length <= 120 + 1e-6, `${micrometres}: ${length}`);
    assert.match(text, /^(0\.[125]|[125]0{0,2}|[125]0*(?= m$)) (nm|µm|mm|m)$/);
  }
});

test.run();
