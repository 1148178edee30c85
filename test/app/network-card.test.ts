// A network that is dropped without images, and messages that disappear by themselves.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/formats/png/png.js";
import { exportOnnx } from "../../src/interchange/index.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig } from "../../src/train/config.js";
import { untrained } from "../interchange/untrained.js";
import { type AppSite, openSite } from "./app-page.js";
import { button, choose, downloaded, tab } from "./walk.js";

let site: AppSite;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-network-"));
  site = await openSite();
});
test.after(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

function picture(channels: 1 | 3): Uint8Array {
  const data = new Uint8Array(channels * 32 * 32).map((_, i) => i % 251);
  return encodePng({ width: 32, height: 32, channels, bitDepth: 8, data });
}

test("a dropped network is described and asks for images; information disappears by itself", async () => {
  const model = modelConfig({ base: 2, depth: 1, classNames: ["ground", "nucleus"] });
  const progress = { step: 120, best: undefined };
  const metadata = { model, normalisation: { kind: "image" }, progress } as const;
  const network = await file(
    "nuclei.safetensors",
    encodeSafetensors({ tensors: new Map(), metadata }),
  );
  const { page, context, problems } = await site.open({}, (context) => context.clock.install());
  await choose(page, "Choose files", [network]);
  const card = page.getByRole("region", { name: "Network" });
  await card.getByRole("heading", { name: "nuclei.safetensors" }).waitFor();
  const words = (await card.innerText()).replaceAll("\n", " ");
  assert.match(words, /120 steps.* B, 2 channels .* depth 1/);
  assert.match(words, /ground.*nucleus.*Drop images to segment/);
  await page.getByRole("heading", { name: "nuclei", exact: true }).waitFor();
  await choose(page, "Choose images", [await file("a.png", picture(1))]);
  await card.getByText("Drop images").waitFor({ state: "detached" });
  assert.ok(await button(page, "Continue to segmentation").isEnabled());

  await choose(page, "Add files", [await file("b.png", picture(3))]);
  const message = page.getByText(/RGB/);
  await message.hover();
  await page.clock.fastForward(60_000);
  assert.is(await message.count(), 1, "it stays while the pointer is on it");
  await page.mouse.move(2, 2);
  await page.clock.fastForward(60_000);
  await message.waitFor({ state: "detached" });
  assert.equal(problems, []);
  await context.close();
});

test("a dropped ONNX file with its weights in a second one segments an image, the demo shows a network of the app, and exports it", async () => {
  const { page, context, problems } = await site.open();
  const own = untrained({ base: 2, depth: 1 });
  const weightsIn = { location: "small.data", bytes: encodeSafetensors(own) };
  await choose(page, "Choose files", [
    await file("small.data", weightsIn.bytes),
    await file("small.onnx", exportOnnx(own, { weightsIn }).bytes),
  ]);
  const card = page.getByRole("region", { name: "Network" });
  await card.getByText(/A network of another program, .*B/).waitFor();
  await choose(page, "Choose images", [await file("c.png", picture(1))]);
  await button(page, "Continue to segmentation").click();
  await button(page, "Segment this image").click();
  await page.getByText(/^Objects \(/).waitFor();

  await tab(page, /Start/).click();
  await button(page, "See a prediction").click();
  await page.getByText("Objects (nucleus)").waitFor();
  assert.match(await page.getByRole("main").innerText(), /nuclei-21/);

  await tab(page, /Export/).click();
  const onnx = await downloaded(page, () => button(page, "Download ONNX").click());
  assert.is(onnx[0], 8, "the version of the format comes first");
  await page.getByText(/^Nuclei-network\.onnx: it takes images/).waitFor();
  await page.getByText("Package of bioimage.io, for Fiji and ilastik").click();
  await page.getByLabel("Author").fill("Ada Lovelace");
  const zip = await downloaded(page, () => button(page, "Download package").click());
  assert.equal([...zip.subarray(0, 2)], [0x50, 0x4b]);
  assert.equal(problems, []);
  await context.close();
});

test.run();
