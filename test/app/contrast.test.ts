import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";

const css = readFileSync(new URL("../../../app/src/styles/base.css", import.meta.url), "utf8");

/** The palette: the colours of a name in the light and in the dark scheme. */
const palette = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name, light, dark]) => [name, [light, dark]] as const,
  ),
);

/** Relative luminance of "#rrggbb" (WCAG 2.2). */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Fails for a pair with less contrast, in the light or in the dark scheme. */
function demand(least: number, front: string, backs: readonly string[]): void {
  for (const back of backs) {
    for (const [i, scheme] of ["light", "dark"].entries()) {
      const [colour, ground] = [palette.get(front)?.[i], palette.get(back)?.[i]];
      assert.ok(colour && ground, `--${front} or --${back} is not in base.css`);
      const got = contrast(colour, ground);
      assert.ok(got >= least, `${scheme}: --${front} on --${back} has ${got.toFixed(2)}`);
    }
  }
}

test("text has WCAG's contrast of 4.5 to 1 on each of its backgrounds, light and dark", () => {
  demand(4.5, "ink", ["paper", "card", "sunk", "wash"]);
  demand(4.5, "faint", ["paper", "card", "wash", "sunk"]);
  demand(4.5, "accent", ["card", "wash"]);
  demand(4.5, "on-accent", ["accent"]);
  demand(4.5, "error", ["card"]);
});

test("fields, marks and the focus have a contrast of 3 to 1", () => {
  demand(3, "edge", ["card"]);
  demand(3, "accent", ["paper", "card", "sunk"]);
  demand(3, "warning", ["card"]);
});

test.run();
