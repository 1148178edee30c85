import { test } from "uvu";
import * as assert from "uvu/assert";
import { random, randomInteger } from "../../src/data/random.js";
import { sampledTest } from "../sample.js";
import { WEBGPU_CANVASES } from "./chromium.js";
import { openPage, type TestPage } from "./page.js";
import type { FramePlanes } from "./video-page.js";

declare const it: typeof import("./video-page.js");

let opened: TestPage;
test.before(async () => {
  opened = await openPage("./video-page.js", {}, WEBGPU_CANVASES);
});
test.after(() => opened?.close());

const SIDE = 48;
const COUNT = SIDE * SIDE;
/** Pixels of a side of one colour; the rest of a frame changes from pixel to pixel. */
const EVEN = 8;

type Space = Pick<FramePlanes, "matrix" | "fullRange">;
const SPACES: readonly Space[] = [
  { matrix: "bt709", fullRange: false },
  { matrix: "bt709", fullRange: true },
  { matrix: "smpte170m", fullRange: false },
  { matrix: "smpte170m", fullRange: true },
];

/**
 * The effect of one step of Y, U and V on red, green and blue of 0 to 255: ITU-R BT.709 and BT.601.
 */
function matrixOf({ matrix, fullRange }: Space): readonly (readonly number[])[] {
  const [red, blue] = matrix === "bt709" ? [0.2126, 0.0722] : [0.299, 0.114];
  const green = 1 - red - blue;
  const luma = fullRange ? 1 : 255 / 219;
  const chroma = fullRange ? 1 : 255 / 224;
  const [u, v] = [2 * (1 - blue) * chroma, 2 * (1 - red) * chroma];
  return [
    [luma, 0, v],
    [luma, (-u * blue) / green, (-v * red) / green],
    [luma, u, 0],
  ];
}

/** Upper half: even patches; lower half: another colour at each sample. Black first, white last. */
function planesOf(space: Space, format: FramePlanes["format"], seed: number): FramePlanes {
  const next = random(seed, 1);
  const [black, white] = space.fullRange ? [0, 255] : [16, 235];
  const plane = (side: number, low: number, high: number, ends: readonly number[]) => {
    const even = (EVEN * side) / SIDE;
    const drawn = () => low + randomInteger(next, high - low + 1);
    const patches = Array.from({ length: SIDE / EVEN }, () => [0, 0, 0].map(drawn));
    const values = Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [i % side, Math.floor(i / side)];
      return 2 * y < side ? patches[Math.floor(x / even)][Math.floor(y / even)] : drawn();
    });
    // Include the chroma around a corner, since neighbours affect it.
    for (let i = 0; i < values.length; i++) {
      const [x, y] = [i % side, Math.floor(i / side)];
      if (Math.max(x, y) < even) values[i] = ends[0];
      if (Math.min(x, y) >= side - even) values[i] = ends[1];
    }
    return values;
  };
  const half = format === "I420" ? SIDE / 2 : SIDE;
  const [least, most] = space.fullRange ? [0, 255] : [16, 240];
  const bytes = [
    ...plane(SIDE, black, white, [black, white]),
    ...plane(half, least, most, [128, 128]),
    ...plane(half, least, most, [128, 128]),
  ];
  return { side: SIDE, format, ...space, bytes };
}

/** The CPU's weights are numbers of 8 bits, 6 of them fractional: none is above 2. */
const MOST_WEIGHT = 2;

/**
 * The smallest and largest value that a colour of a pixel may have: from its own luma and the
 * chroma at its position, which the CPU repeats and the GPU blends with the samples around it. Y, U
 * and V in 8 bits leave half a step of each undetermined, and the colour half a step of its own.
 */
function range(frame: FramePlanes, road: string, c: number, pixel: number) {
  const { format, fullRange, bytes } = frame;
  const [luma, ...weights] = matrixOf(frame)[c];
  const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
  const side = format === "I420" ? SIDE / 2 : SIDE;
  const reach = format === "I420" && road === "gpu" ? 1 : 0;
  const [u, v] = [x, y].map((at) => Math.floor((at * side) / SIDE));
  const own = luma * (bytes[pixel] - (fullRange ? 0 : 16));
  let [low, high] = [own, own];
  for (const [k, weight] of weights.entries()) {
    const inner = Math.min(MOST_WEIGHT, Math.max(-MOST_WEIGHT, weight));
    const values: number[] = [];
    for (let j = Math.max(v - reach, 0); j <= Math.min(v + reach, side - 1); j++) {
      for (let i = Math.max(u - reach, 0); i <= Math.min(u + reach, side - 1); i++) {
        const value = bytes[COUNT + k * side * side + j * side + i] - 128;
        values.push(weight * value, (road === "gpu" ? weight : inner) * value);
      }
    }
    low += Math.min(...values);
    high += Math.max(...values);
  }
  const open = (luma + Math.abs(weights[0]) + Math.abs(weights[1]) + 1) / 2;
  return [clamp(low) - open, clamp(high) + open] as const;
}

const clamp = (value: number) => Math.min(255, Math.max(0, value));

sampledTest(
  "a frame of YUV has the colours of its matrix and range in both ways of reading",
  async () => {
    const frames = SPACES.flatMap((space, seed) => [
      planesOf(space, "I420", seed),
      planesOf(space, "I444", seed),
    ]);
    const found = await opened.run((a) => it.framesByBothRoads(a), frames);
    for (const [f, frame] of frames.entries()) {
      const { format, matrix, fullRange } = frame;
      for (const [road, values] of Object.entries(found[f])) {
        assert.is(values.length, 3 * COUNT);
        for (const [i, got] of values.entries()) {
          const [c, pixel] = [Math.floor(i / COUNT), i % COUNT];
          const [low, high] = range(frame, road, c, pixel);
          const kind = `${format} ${matrix} ${fullRange ? "full" : "limited"} through ${road}`;
          const what = `${kind}, channel ${c} of pixel ${pixel}`;
          assert.ok(got >= low && got <= high, `${what}: ${got}, expected ${low} to ${high}`);
        }
      }
    }
    assert.equal(opened.problems, []);
  },
);

sampledTest(
  "with chroma of all pixels the two ways differ by 2 of 255, the blue of BT.709 by 13",
  async () => {
    const frames = SPACES.map((space, seed) => planesOf(space, "I444", 10 + seed));
    const found = await opened.run((a) => it.framesByBothRoads(a), frames);
    for (const [f, { matrix, fullRange }] of frames.entries()) {
      const { gpu, processor } = found[f];
      const most = [0, 0, 0];
      for (const [i, value] of gpu.entries()) {
        const c = Math.floor(i / COUNT);
        most[c] = Math.max(most[c], Math.abs(value - processor[i]));
      }
      // Half a step of both, and one of the CPU's arithmetic; the blue lacks 0.11 of 112 steps.
      const blue = matrix === "bt709" && !fullRange ? 13 : 2;
      const limits = [2, 2, blue].map((limit) => limit + 1e-3);
      assert.ok(
        most.every((value, c) => value <= limits[c]),
        `${matrix} ${fullRange ? "full" : "limited"}: ${most}`,
      );
    }
  },
);

test.run();
