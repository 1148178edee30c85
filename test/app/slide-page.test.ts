// A slide in the app: opened by its address, looked at, and segmented where one looks.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Locator, Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/formats/png/png.js";
import { memoryStore, writeZarr } from "../slides/zarr-image.js";
import { type AppSite, openSite } from "./app-page.js";
import { brightNetwork } from "./bright-network.js";
import { layoutProblems } from "./layout-problems.js";
import { button, choose, tab } from "./walk.js";

const SIDE = 4096;
/** Bright squares of 64 pixels on a dark ground, every 128 pixels. */
const grey = (y: number, x: number) => (y % 128 < 64 && x % 128 < 64 ? 230 : 40);

let site: AppSite;
let folder: string;
let server: Server;
let slideUrl: string;
/** The keys that were asked for. */
const requests: string[] = [];

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-slide-page-"));
  const store = memoryStore();
  await writeZarr(store, {
    version: "0.4",
    axes: "yx",
    shape: [SIDE, SIDE],
    chunks: [512, 512],
    type: "uint8",
    levels: 3,
    pixelSize: 0.5,
    value: ([y, x]) => grey(y, x),
  });
  // Another origin than the app's, as slides on servers are.
  server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path.startsWith("/closed")) {
      response.writeHead(200).end("{}");
      return;
    }
    const key = path.replace(/^\/a\.ome\.zarr/, "");
    const value = store.values.get(key);
    if (value && /\d$/.test(key)) requests.push(key);
    const headers = { "access-control-allow-origin": "*" };
    response.writeHead(value ? 200 : 404, headers).end(value);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  slideUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.ome.zarr`;
  await writeFile(join(folder, "bright.safetensors"), await brightNetwork());
  const data = new Uint8Array(64 * 64);
  const image = { width: 64, height: 64, bitDepth: 8, channels: 1, data } as const;
  await writeFile(join(folder, "x.png"), encodePng(image));
  site = await openSite();
});
test.after(async () => {
  server.closeAllConnections();
  server.close();
  await site?.close();
  await rm(folder, { recursive: true });
});

const stage = (page: Page): Locator =>
  page.getByRole("application", { name: /^Slide a\.ome\.zarr/ });

async function open(page: Page, url: string): Promise<void> {
  await page.getByLabel("Address of a slide").fill(url);
  await page.keyboard.press("Enter");
}

/** The colour under a point of the stage, drawn after everything in view was read. */
async function colourAt(page: Page, x: number, y: number): Promise<number[]> {
  await page.locator("[data-complete=true]").waitFor();
  return stage(page)
    .locator("canvas")
    .evaluate(
      (canvas, [x, y]) =>
        new Promise<number[]>((resolve) =>
          requestAnimationFrame(() =>
            requestAnimationFrame(() => {
              const context = (canvas as HTMLCanvasElement).getContext("2d");
              resolve([...(context as CanvasRenderingContext2D).getImageData(x, y, 1, 1).data]);
            }),
          ),
        ),
      [x, y],
    );
}

/** Whether a point of the stage gets a colour, which the grey slide has not, within half a minute. */
async function isColoured(page: Page, x: number, y: number): Promise<boolean> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const [red, green, blue] = await colourAt(page, x, y);
    if (red !== green || green !== blue) return true;
    await sleep(100);
  }
  return false;
}

test("a slide is opened by its address, read where one looks, and segmented there", async () => {
  const { page, context, problems } = await site.open();
  const paths = ["bright.safetensors", "x.png"].map((name) => join(folder, name));
  await choose(page, "Choose files", paths);
  await page.getByText("1 image").first().waitFor();
  await tab(page, /Segment/).click();
  await open(page, slideUrl);
  await stage(page).waitFor();
  await page.getByText("4,096 × 4,096 px").waitFor();
  await page.getByRole("img", { name: /^Scale bar: / }).waitFor();
  // The whole slide at 1:4 or so: only the smallest level is read.
  await page.locator("[data-complete=true]").waitFor();
  assert.ok(requests.length > 0 && requests.every((key) => /^\/s[12]\//.test(key)), `${requests}`);

  // Zoomed to the full resolution in the middle: of it, only the squares around are read.
  requests.length = 0;
  const box = await stage(page).boundingBox();
  assert.ok(box);
  await stage(page).focus();
  for (let press = 0; press < 30; press++) {
    if (Number.parseFloat((await page.locator(".zoom").textContent()) ?? "") >= 100) break;
    await page.keyboard.press("+");
  }
  const zoom = Number.parseFloat((await page.locator(".zoom").textContent()) ?? "") / 100;
  await page.locator("[data-complete=true]").waitFor();
  const full = requests.filter((key) => key.startsWith("/s0/"));
  assert.ok(full.length > 0 && full.length <= 16, `${full}`);
  for (const key of full) assert.match(key, /^\/s0\/[2-5]\/[2-5]$/);
  // The middle of the slide is the corner of a bright square, right of and below it.
  const [x, y] = [Math.floor(box.width / 2), Math.floor(box.height / 2)];
  const [inside, outside] = [Math.round(30 * zoom), Math.round(-30 * zoom)];
  const [bright] = await colourAt(page, x + inside, y + inside);
  const [dark] = await colourAt(page, x + outside, y + outside);
  assert.ok(bright > 200 && dark < 50, `${bright}, ${dark}`);

  const main = page.getByRole("main");
  await main.getByRole("button", { name: "Segment what is in view" }).click();
  await page.getByText("What is in view is segmented.").waitFor();
  const seen = await colourAt(page, x + inside, y + inside);
  const ground = await colourAt(page, x + outside, y + outside);
  assert.not.equal(seen.slice(0, 3), [bright, bright, bright]);
  assert.not.equal(seen, ground);
  // Moved by keys: what comes into view is read and segmented.
  const before = requests.length;
  await stage(page).focus();
  for (let press = 0; press < 12; press++) await page.keyboard.press("ArrowRight");
  assert.ok(await isColoured(page, x, y), "the middle of the new view is segmented");
  assert.ok(requests.length > before);
  await main.getByRole("button", { name: "Stop" }).click();
  await page.getByText("--level 0").waitFor();

  // The page of a slide is left and found again.
  await tab(page, /Images/).click();
  await tab(page, /Segment/).click();
  await button(page, "Back to a.ome.zarr").click();
  await stage(page).waitFor();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await layoutProblems(page, width), [], `${width} px`);
  }
  assert.equal(
    problems.filter((one) => !one.includes(slideUrl) && !/404/.test(one)),
    [],
  );
  await context.close();
});

test("what is no slide, and a server that allows no reading, are said", async () => {
  const { page, context } = await site.open();
  await open(page, `${slideUrl}x`);
  await page
    .getByRole("alert")
    .getByText(/a\.ome\.zarrx/)
    .waitFor();
  await open(page, slideUrl.replace("a.ome.zarr", "closed.tif"));
  await page
    .getByRole("alert")
    .getByText(/closed\.tif.*\(CORS\)/)
    .waitFor();
  const text = {
    name: "notes.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("no slide at all"),
  };
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.locator(".open-slide").getByRole("button", { name: "Choose a file" }).click(),
  ]);
  await chooser.setFiles(text);
  await page
    .getByRole("alert")
    .getByText(/notes\.txt: it is no slide/)
    .waitFor();
  await context.close();
});

test.run();
