// A session of the app in an installed Firefox: from the sample to a segmentation, with the pixels
// of the canvas.

import { setTimeout as sleep } from "node:timers/promises";
import { decodePng } from "../../src/formats/png/png.js";
import { serveApp } from "../app/app-page.js";
import { SMALL } from "../app/walk.js";
import { type FirefoxPage, openFirefox } from "./bidi.js";

/** Seconds for the slowest step: compilation and steps on a software driver. */
const PATIENCE = 300;

/** Runs it, and prints each step. Returns the number of failed steps and of problems. */
export async function walkApp(): Promise<number> {
  const app = await serveApp();
  const page = await openFirefox(app.url);
  let failed = 0;
  try {
    await road(walker(page), (what, isRight) => {
      console.log(`${isRight ? "ok" : "FAIL"} app: ${what}`);
      failed += Number(!isRight);
    });
  } catch (error) {
    console.log(`FAIL app: ${error instanceof Error ? error.message : error}`);
    failed++;
  } finally {
    for (const problem of page.problems) console.log(`FAIL app: the page reported: ${problem}`);
    await page.close();
    app.close();
  }
  return failed + page.problems.length;
}

type Walker = ReturnType<typeof walker>;

/** A user's actions on the page, by the labels of its buttons. */
function walker(page: FirefoxPage) {
  const call = <T>(work: (...given: never[]) => T, ...given: readonly unknown[]) =>
    page.evaluate(`(${work})(...${JSON.stringify(given)})`) as Promise<Awaited<T>>;
  /** Waits for text that matches. */
  const words = async (pattern: string) => {
    for (let second = 0; second < 4 * PATIENCE; second++) {
      const isThere = await call(
        (pattern: string) => new RegExp(pattern, "m").test(document.body.innerText),
        pattern,
      );
      if (isThere) return;
      await sleep(250);
    }
    throw new Error(`there are no words ${pattern}`);
  };
  const press = async (pattern: string) => {
    const isDone = await call((pattern: string) => {
      const buttons = [...document.querySelectorAll<HTMLElement>("button, summary")];
      const found = buttons.find(({ innerText }) => new RegExp(pattern).test(innerText.trim()));
      found?.click();
      return found !== undefined;
    }, pattern);
    if (!isDone) throw new Error(`there is no button ${pattern}`);
  };
  /** Sets a field by its label. */
  const set = async (label: string, value: string) => {
    const isDone = await call(
      (label: string, value: string) => {
        const named = [...document.querySelectorAll("label")].find(
          (one) => one.querySelector("span")?.textContent === label,
        );
        const field =
          named?.querySelector("input") ??
          document.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`);
        if (!field) return false;
        field.value = value;
        for (const type of ["input", "change"]) {
          field.dispatchEvent(new Event(type, { bubbles: true }));
        }
        return true;
      },
      label,
      value,
    );
    if (!isDone) throw new Error(`there is no field ${label}`);
  };
  /** The position of the canvas. */
  const stage = () =>
    call(() => {
      const { x, y, width, height } = (
        document.querySelector(".stage") as HTMLElement
      ).getBoundingClientRect();
      return { x: Math.round(x), y: Math.round(y), width, height };
    });
  /** The canvas's pixels: rows of red values of the page's picture. */
  const seen = async () => {
    await sleep(1000); // drawn in a separate task
    const { x, y, width, height } = await stage();
    const png = decodePng(await page.screenshot(), "the page");
    const rows: number[][] = [];
    for (let row = y + 16; row < y + height - 16; row++) {
      const from = row * png.width + x + 16;
      rows.push([...png.data.subarray(from, from + width - 32)]);
    }
    return rows;
  };
  return { words, press, set, stage, seen, drag: page.drag };
}

const spread = (rows: readonly number[][]) => {
  const middle = rows.map((row) => row[Math.floor(row.length / 2)]);
  return Math.max(...middle) - Math.min(...middle);
};

function same(a: readonly number[][], b: readonly number[][]): boolean {
  const other = b.flat();
  return a.flat().every((value, i) => Math.abs(value - other[i]) <= 2);
}

async function road(it: Walker, check: (what: string, isRight: boolean) => void): Promise<void> {
  await it.press("^Try the sample");
  await it.words("12 images, 10 labelled");
  await it.press("Label$");
  await it.set("Selected image", "synthetic-11");
  await it.words("Not labelled yet");
  await it.set("Label opacity", "0");
  const clear = await it.seen();
  const half = Math.floor(clear.length / 2);
  check("the image is drawn above", spread(clear.slice(0, half)) > 20);
  check("the image is drawn below", spread(clear.slice(half)) > 20);
  await it.set("Label opacity", "1");
  check("an image without a label has no colours", same(clear, await it.seen()));
  await it.set("Selected image", "synthetic-01");
  check("a label is drawn", !same(clear, await it.seen()));
  await it.set("Selected image", "synthetic-12");
  await it.words("Not labelled yet");
  const { x, y, width, height } = await it.stage();
  const [cx, cy] = [x + width / 2, y + height / 2];
  await it.drag([cx - 40, cy], [cx, cy + 10], [cx + 40, cy]);
  await it.words("% of this image is labelled");
  check("a stroke is painted", true);
  await it.press("Train$");
  await it.press("^All settings");
  for (const [label, value] of Object.entries({ ...SMALL, Steps: 20_000 })) {
    await it.set(label, String(value));
  }
  await it.press("^Train$");
  await it.words("prediction of step \\d\\d");
  await it.press("^Pause");
  await it.words("Paused at step");
  check("it trains, shows its prediction and pauses", true);
  await it.press("^Segment images");
  await it.press("^Segment this image");
  await it.words("Objects \\(");
  check("it segments", true);
}
