import { test } from "uvu";
import * as assert from "uvu/assert";
import { outlines } from "../../src/data/outlines.js";

const drawn = (text: string, ignored?: number) => {
  const rows = text.split(" ");
  const data = Uint8Array.from(rows.join(""), Number);
  const edges = [...outlines(data, rows[0].length, rows.length, ignored)].join("");
  return rows.map((row, i) => edges.slice(i * row.length, (i + 1) * row.length)).join(" ");
};

test("an outline lies inside of its object and is one pixel wide", () => {
  assert.is(
    drawn("0000000 0111110 0111110 0111110 0000000"),
    "0000000 0111110 0100010 0111110 0000000",
  );
});

test("touching objects are outlined on both sides, the image's border is no edge", () => {
  assert.is(drawn("1122 1122 1122"), "0110 0110 0110");
});

test("ignored pixels have no outline, but end the objects next to them", () => {
  assert.is(drawn("1199 1199", 9), "0100 0100");
});

test.run();
