// Pictures of the documentation as screenshots of HTML: figures next to each other, each above its title.

import type { Browser } from "playwright-core";

export interface Figure {
  /** An image, or SVG. */
  readonly html: string;
  readonly title: string;
}

const STYLE = `body { margin: 0; background: #fff; font: 15px sans-serif; color: #333 }
  div { display: inline-flex; gap: 10px } figure { margin: 0 } img, svg { display: block }
  figcaption { text-align: center; padding: 6px 0 2px }`;

/** An image of a PNG or SVG file, so many pixels wide, of which only the upper `share` is shown. */
export function imageOf(file: Uint8Array, width: number, type = "png", share = 1): string {
  const data = Buffer.from(file).toString("base64");
  return `<img src="data:image/${type};base64,${data}" width="${width}" data-share="${share}">`;
}

/** A screenshot of the figures, PNG. */
export async function figuresPicture(browser: Browser, figures: readonly Figure[]) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const shown = figures.map(
    ({ html, title }) => `<figure>${html}<figcaption>${title}</figcaption></figure>`,
  );
  await page.setContent(`<style>${STYLE}</style><div>${shown.join("")}</div>`);
  await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
  await page.evaluate(() => {
    for (const image of document.images) {
      const height = `${image.height * Number(image.dataset.share)}px`;
      Object.assign(image.style, { height, objectFit: "cover", objectPosition: "top" });
    }
  });
  const picture = await page.locator("div").screenshot();
  await page.close();
  return picture;
}
