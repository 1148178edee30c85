import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectedComponents } from "../../src/data/components.js";
import { separateCells, withBorders } from "../../src/data/label-instances.js";
import { syntheticNuclei } from "../../src/data/synthetic-nuclei.js";
import { cellProbability, cellsOfLabel } from "../../src/objects/cells-of-classes.js";
import { matchObjects } from "../../src/objects/match-objects.js";
import { objectFigures } from "../../src/objects/object-figures.js";

test("a border touches another cell or the background, also at corners; the edge of the image is not one", () => {
  const numbers = Uint8Array.from([1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 0, 2]);
  assert.equal(
    [...withBorders(numbers, 5, 4)],
    [1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 2, 1, 1, 2, 0, 2],
  );
});

test("the cells of a label of either kind have the numbers that it was made from", () => {
  const { cells, label } = syntheticNuclei({ seed: 3, width: 128, height: 128 });
  const truth = { width: 128, height: 128, data: cells.labels, count: cells.count };
  const gap = cellsOfLabel(label, "gap");
  const parted = separateCells(cells.labels, 128, 128).data;
  assert.ok(label.data.every((value, i) => value === parted[i]));
  const figures = objectFigures([matchObjects(truth, gap)]);
  assert.ok(figures.ap50 > 0.97, `gap: ${figures.ap50}`);
  const data = withBorders(cells.labels, 128, 128);
  const border = cellsOfLabel({ width: 128, height: 128, classes: 3, data }, "border");
  assert.ok(border.data.every((number, i) => number > 0 === cells.labels[i] > 0));
  assert.ok(objectFigures([matchObjects(truth, border)]).ap > 0.95);
  assert.ok(connectedComponents(label.data, 128, 128).count > 10);
});

test("cells are class 1 of two, or all except class 0; with borders class 1 is the inside", () => {
  const of = (classes: number, probabilities: number[], kind?: "border") => {
    const planes = Float32Array.from(probabilities);
    return cellProbability({ width: 2, height: 1, classes, probabilities: planes }, kind);
  };
  const two = of(2, [0.75, 0.25, 0.25, 0.75]);
  assert.equal([[...two.cell], two.inside], [[0.25, 0.75], undefined]);
  const three = of(3, [0.5, 0.25, 0.25, 0.5, 0.25, 0.25], "border");
  assert.equal(
    [[...three.cell], [...(three.inside ?? [])]],
    [
      [0.5, 0.75],
      [0.25, 0.5],
    ],
  );
  assert.is(of(3, [0.5, 0.25, 0.25, 0.5, 0.25, 0.25]).inside, undefined);
});

test.run();
