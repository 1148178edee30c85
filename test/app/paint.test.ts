import { test } from "uvu";
import * as assert from "uvu/assert";
import { fillFrom, paintLine } from "../../app/src/label/paint.js";
import { beginStroke } from "../../app/src/label/stroke.js";
import { emptyLabel } from "../../app/src/state/project.js";
import { IGNORED } from "../../src/data/image-types.js";
import { noise } from "../numbers.js";

const raw = { width: 12, height: 8, channels: 1, maximum: 255, data: new Uint8Array(96) };

test("a brush of one pixel paints the pixel under it, and a line all pixels in between", () => {
  const painting = { width: 12, height: 8, data: new Uint8Array(96) };
  assert.equal(
    paintLine(
      painting,
      [
        { x: 2.4, y: 3.6 },
        { x: 2.4, y: 3.6 },
      ],
      0.5,
      1,
    ),
    {
      x: 1,
      y: 3,
      width: 2,
      height: 2,
    },
  );
  assert.equal(
    [...painting.data.keys()].filter((i) => painting.data[i] === 1),
    [3 * 12 + 2],
  );
  paintLine(
    painting,
    [
      { x: 1.5, y: 5.5 },
      { x: 9.5, y: 5.5 },
    ],
    0.5,
    2,
  );
  const row = [...painting.data.subarray(60, 72)];
  assert.equal(row, [0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0]);
});

test("a disc has the area of a circle, and is cut at the edge of the image", () => {
  const painting = { width: 101, height: 101, data: new Uint8Array(101 * 101) };
  paintLine(
    painting,
    [
      { x: 50.5, y: 50.5 },
      { x: 50.5, y: 50.5 },
    ],
    20,
    1,
  );
  const area = painting.data.reduce((sum, value) => sum + value, 0);
  assert.ok(Math.abs(area / (Math.PI * 400) - 1) < 0.02, `${area} pixels`);
  assert.is(
    paintLine(
      painting,
      [
        { x: -90, y: 5 },
        { x: -60, y: 5 },
      ],
      20,
      1,
    ),
    undefined,
  );
});

test("filling stops at other values and does not pass diagonally", () => {
  const painting = { width: 4, height: 4, data: new Uint8Array(16) };
  for (const [x, y] of [
    [2, 0],
    [1, 1],
    [0, 2],
  ])
    painting.data[4 * y + x] = 1;
  assert.equal(fillFrom(painting, { x: 0.5, y: 0.5 }, 2), { x: 0, y: 0, width: 2, height: 2 });
  assert.equal([...painting.data], [2, 2, 1, 0, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  assert.is(fillFrom(painting, { x: 0, y: 0 }, 2), undefined);
  assert.is(fillFrom(painting, { x: 4, y: 0 }, 2), undefined);
});

test("filling reaches what steps of one pixel reach, in random mazes", () => {
  const [width, height] = [23, 17];
  for (let seed = 1; seed <= 200; seed++) {
    const drawn = noise(width * height, seed).map((value) =>
      Number(value > 0.1 * (seed % 5) - 0.3),
    );
    const data = Uint8Array.from(drawn);
    const at = { x: seed % width, y: seed % height };
    // Grown pixel by pixel until nothing is added.
    const reached = new Set([at.y * width + at.x]);
    for (const pixel of reached) {
      const x = pixel % width;
      const neighbours = [pixel - width, pixel + width, x > 0 ? pixel - 1 : -1];
      if (x < width - 1) neighbours.push(pixel + 1);
      for (const next of neighbours) if (data[next] === data[pixel]) reached.add(next);
    }
    const expected = data.map((value, pixel) => (reached.has(pixel) ? 2 : value));
    const columns = [...reached].map((pixel) => pixel % width);
    const rows = [...reached].map((pixel) => Math.floor(pixel / width));
    const [x, y] = [Math.min(...columns), Math.min(...rows)];
    const area = { x, y, width: Math.max(...columns) - x + 1, height: Math.max(...rows) - y + 1 };
    assert.equal(fillFrom({ width, height, data }, at, 2), area);
    assert.equal(data, expected);
  }
});

test("a stroke leaves the label as it was, and its patch holds what it replaced", () => {
  const label = emptyLabel(raw, 2);
  const stroke = beginStroke("a", label, { tool: "brush", classIndex: 1, radius: 1 });
  stroke.to({ x: 3, y: 3 });
  stroke.to({ x: 6, y: 3 });
  const done = stroke.end();
  assert.ok(label.data.every((value) => value === IGNORED));
  assert.ok(done?.label.data.includes(1));
  assert.ok(done?.patch.before.every((value) => value === IGNORED));
  const eraser = beginStroke("a", done?.label ?? label, {
    tool: "eraser",
    classIndex: 1,
    radius: 8,
  });
  eraser.to({ x: 4, y: 3 });
  assert.ok(eraser.end()?.label.data.every((value) => value === IGNORED));
});

test.run();
