// A user's session with the page of the React example; the caller provides React.

import type { TestPage } from "./page.js";
import type { show } from "./react-page.js";

declare const it: { show: typeof show; shown: Awaited<ReturnType<typeof show>> };

export interface ReactOutcome {
  readonly progress: string | null;
  /** Width and height of the segmented image, and how many greys it has. */
  readonly canvas: readonly [width: number, height: number, greys: number];
  /** The text shown if there is no checkpoint. */
  readonly missing: string | null;
  /**
   * Buffers and textures on the GPU, while it trains a second time and after the page has been
   * removed.
   */
  readonly held: readonly [shown: number, gone: number];
}

/** Trains, stops, sees the segmented image, trains again, and leaves while it trains. */
export async function walkReactPage({ page }: TestPage): Promise<ReactOutcome> {
  await page.evaluate(async () => {
    it.shown = await it.show();
  });
  const progress = page.locator("output", { hasText: /\d %, loss \d/ });
  const canvas = page.locator(`canvas[width="48"]`);
  await page.getByRole("button", { name: "Train" }).click();
  await progress.waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await canvas.waitFor();
  const outcome = {
    progress: await progress.textContent(),
    canvas: await canvas.evaluate((element: HTMLCanvasElement) => {
      const { width, height } = element;
      const pixels = element.getContext("2d")?.getImageData(0, 0, width, height).data;
      return [width, height, new Set(pixels?.filter((_, i) => i % 4 === 0)).size] as const;
    }),
    missing: await page.getByRole("alert").textContent(),
  };
  await page.getByRole("button", { name: "Train" }).click();
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.waitForFunction((before) => it.shown.held() > before, await heldIn(page));
  const shown = await heldIn(page);
  await page.evaluate(() => it.shown.hide());
  await page.waitForFunction(() => it.shown.held() === 0);
  return { ...outcome, held: [shown, await heldIn(page)] };
}

const heldIn = (page: TestPage["page"]) => page.evaluate(() => it.shown.held());
