import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { writeReport } from "../../src/node/report/report.js";
import { recordRun } from "../../src/node/run-folder.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import type { Sample } from "../../src/train/training-types.js";
import { fakePrediction } from "../cli/fakes.js";
import { launchBrowser } from "./chromium.js";

/** A name that would be executed as markup if it were not escaped. */
const NASTY = `<img src="http://example.com/x.png" onerror="document.title='run'">&'`;
const HEADINGS = [
  "Command",
  "Curves",
  "Held-out images, the worst first",
  "Figures of each image",
  "Data",
  "Network",
  "Configuration",
  "Machine and versions",
];

const drawn = (name: string, seed: number): Sample => {
  return { name, ...syntheticSample({ seed, width: 96, height: 80 }) };
};
const training = [drawn("a-rather-long-name-of-a-slice-of-a-stack_0001", 1), drawn("b", 2)];
const validation = [drawn("good", 3), drawn(NASTY, 4)];

/** Writes a run folder with the logs of a run, and its report. */
async function writeRun(folder: string): Promise<string> {
  const listener = await recordRun(folder, {
    micrograph: "0.0.0",
    command: `micrograph train --images 'in/${NASTY}' -o out ${"--very-long ".repeat(30)}`,
    name: NASTY,
    data: { images: `/somewhere/${"deep/".repeat(40)}images`, labels: "/somewhere/labels" },
    training: training.map(({ name }) => name),
    validation: validation.map(({ name }) => name),
    adapter: "an adapter <b>with</b> a long name ".repeat(3),
    kernels: { "conv2d [1,16,282,282] [16,16,3,3]": "texture-winograd" },
    model: modelConfig({ base: 4, depth: 2 }),
    config: trainingConfig({ tile: 76, steps: 40, w0: 10, classWeights: "balanced" }),
  });
  for (let step = 1; step <= 40; step++) {
    const learningRate = 0.001 / step;
    await listener.onEvent?.({ type: "step", step, loss: 1 / step, learningRate });
    if (step % 10 !== 0) continue;
    const images = [
      { name: "good", loss: 0.1, wrongPixels: 0.02 },
      { name: NASTY, loss: 0.5, wrongPixels: 0.3 },
    ];
    const figures = { loss: 1.2 / step, wrongPixels: 0.16, best: true };
    await listener.onEvent?.({ type: "validation", step, images, ...figures });
  }
  const best = { step: 40, loss: 0.03, wrongPixels: 0.16 };
  const result = { steps: 40, reason: "steps", best, elapsedMs: 65_000 } as const;
  await listener.onEvent?.({ type: "end", result });
  return writeReport(folder, {
    training,
    validation,
    predict: async ({ image }) => fakePrediction(image, 2),
    baselines: [["everything cell", 0.2]],
    remarks: ["A remark."],
  });
}

const test = suite<{ folder: string; file: string; browser: Browser }>("report in a browser");
test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "micrograph-report-"));
  context.file = await writeRun(context.folder);
  context.browser = await launchBrowser();
});
test.after(async ({ folder, browser }) => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

test("it opens from disk without other files, complete and without overflow, light and dark", async ({
  file,
  browser,
}) => {
  const papers = new Set<string>();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      const viewport = { width, height: 900 };
      const context = await browser.newContext({ viewport, colorScheme, offline: true });
      const page = await context.newPage();
      const heard: string[] = [];
      page.on("console", (message) => heard.push(`console: ${message.text()}`));
      page.on("pageerror", (error) => heard.push(`error: ${error.message}`));
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith("data:") && url !== pathToFileURL(file).href) heard.push(url);
      });
      await page.goto(pathToFileURL(file).href);
      assert.equal(await page.locator("h2").allTextContents(), HEADINGS);
      assert.is(await page.locator("h1").textContent(), NASTY);
      const cases = await page.locator("#cases h3").allTextContents();
      assert.equal(cases, [NASTY, "good"], "the worst first");
      const seen = await page.evaluate(async () => {
        const images = [...document.images];
        await Promise.all(images.map((image) => image.decode()));
        // A text without width would not overflow.
        const words = document.createRange();
        words.selectNodeContents(document.querySelector("h1") as Element);
        const tooWide = [...document.querySelectorAll("main *")].filter(
          (element) =>
            !element.closest(".wide") &&
            !element.closest("svg") &&
            element.getBoundingClientRect().right > window.innerWidth,
        );
        return {
          images: images.length,
          named: images.filter((image) => image.alt !== "").length,
          charts: [...document.querySelectorAll("svg[role=img]")].filter(
            (svg) => svg.getBoundingClientRect().width > 0,
          ).length,
          textWidth: words.getBoundingClientRect().width,
          pageWidth: document.documentElement.scrollWidth,
          tooWide: tooWide.map((element) => element.outerHTML.slice(0, 80)),
          paper: getComputedStyle(document.body).backgroundColor,
        };
      });
      assert.equal(heard, []);
      // Two held-out images of 5 panels, 2 pairs, the tiles, the weight map, the paper's augmentation.
      assert.is(seen.images, 2 * 5 + 4 + 2 + 1 + 12);
      assert.is(seen.named, seen.images);
      // Loss, wrong pixels, learning rate.
      assert.is(seen.charts, 3);
      assert.ok(seen.textWidth > 100, `the title is ${seen.textWidth} pixels wide`);
      assert.is(seen.pageWidth, width);
      assert.equal(seen.tooWide, []);
      papers.add(seen.paper);
      await context.close();
    }
  }
  assert.is(papers.size, 2, "light and dark differ");
});

test("its text names no address outside of it, and its size is bounded", async ({ file }) => {
  const html = await readFile(file, "utf8");
  assert.ok(html.length < 3_000_000, `${html.length} bytes`);
  assert.not.match(html, /<script|<link rel="stylesheet"|@import|url\(/);
  const references = [...html.matchAll(/<[a-z]+[^>]*?\s(?:src|href)="([^"]*)"/g)];
  assert.ok(references.length > 20);
  for (const [, target] of references) assert.match(target, /^(#[a-z]+|data:.*)$/s);
});

test("a run without data or validation has a report too", async ({ folder }) => {
  await writeFile(join(folder, "events.jsonl"), "");
  await writeFile(join(folder, "metrics.csv"), "");
  const html = await readFile(await writeReport(folder), "utf8");
  const headings = [...html.matchAll(/<h2[^>]*>([^<]*)</g)].map(([, text]) => text);
  assert.equal(headings, ["Command", "Data", "Network", "Configuration", "Machine and versions"]);
});

test.run();
