import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectedComponents } from "../../src/data/components.js";
import { joinObjects } from "../../src/objects/join-objects.js";
import { type SeparationOptions, separateObjects } from "../../src/objects/separate-objects.js";
import { adversarialPlanes, chunkedPlane, memoryLabels, type Plane } from "./chunked-shapes.js";

const planes = Object.entries(adversarialPlanes());
const SIDES = [5, 8, 13, 64];

async function joined(
  plane: Plane,
  side: number,
  options: SeparationOptions & { largest?: number },
) {
  const { labels, data } = memoryLabels(plane.width, plane.height);
  const cells = chunkedPlane(plane, side);
  return { ...(await joinObjects(cells, labels, options)), data, cells };
}

const settings: Readonly<Record<string, SeparationOptions>> = {
  "as by default": {},
  "separated at every neck, nothing dropped": { separation: 0, smallest: 0 },
  "not separated, holes filled": { separation: Infinity, smallest: 3, holes: 9 },
  "at another threshold": { threshold: 0.7, smallest: 2, holes: 0 },
};

for (const [words, options] of Object.entries(settings)) {
  test(`objects over the borders of chunks are those of the whole image: ${words}`, async () => {
    for (const [name, plane] of planes) {
      const whole = separateObjects(plane, options);
      for (const side of SIDES) {
        const { count, data, unseparated } = await joined(plane, side, options);
        assert.equal([count, unseparated], [whole.count, 0], `${name}, chunks of ${side}`);
        assert.equal(data, whole.data, `${name}, chunks of ${side}`);
      }
    }
  });
}

test("components of a mask are joined without reading more than a chunk and its margin", async () => {
  for (const [name, plane] of planes) {
    const mask = Uint8Array.from(plane.cell, (value) => Number(value > 32767.5));
    const whole = connectedComponents(mask, plane.width, plane.height);
    for (const side of SIDES) {
      const options = { separation: Infinity, smallest: 0, holes: 0 };
      const { count, data, cells } = await joined(plane, side, options);
      assert.is(count, whole.count, `${name}, chunks of ${side}`);
      assert.equal(data, whole.labels, `${name}, chunks of ${side}`);
      assert.ok(cells.largestRead <= (side + 2) ** 2);
    }
  }
});

test("a component too large to be separated becomes one object, and is counted", async () => {
  const plane = adversarialPlanes()["two combs, teeth between teeth"];
  const options = { separation: 0, smallest: 0, holes: 0, largest: 400 };
  const { count, unseparated, data } = await joined(plane, 8, options);
  const whole = separateObjects(plane, {
    ...options,
    separation: Infinity,
    largest: undefined,
  } as never);
  assert.equal([count, unseparated, whole.count], [2, 2, 2]);
  assert.equal(data, whole.data);
});

test.run();
