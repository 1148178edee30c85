// The drawings of the guides, which are written as text for Mermaid: as SVG, light and dark.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launchBrowser } from "../../dist/test/browser/chromium.js";

const MERMAID = createRequire(import.meta.url).resolve("mermaid/dist/mermaid.min.js");
const THEMES = { light: "neutral", dark: "dark" };

/** The text of every drawing in a Markdown text. */
export function drawingsIn(markdown) {
  return [...markdown.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
}

/**
 * Draws each text in a browser: the SVG of both themes as HTML, by text. Throws for a text that Mermaid cannot
 * read. Without a browser the map is empty, and the guides show the texts.
 */
export async function draw(texts) {
  const drawn = new Map();
  if (texts.length === 0) return drawn;
  let browser;
  try {
    browser = await launchBrowser();
  } catch (error) {
    console.error(
      `No browser to draw with, so drawings stay text: ${error.message.split("\n")[0]}`,
    );
    return drawn;
  }
  try {
    const page = await browser.newPage();
    await page.setContent("<!doctype html><body></body>");
    await page.addScriptTag({ content: readFileSync(MERMAID, "utf8") });
    for (const [i, text] of texts.entries()) {
      const parts = [];
      for (const [name, theme] of Object.entries(THEMES)) {
        const svg = await page.evaluate(drawOne, { id: `drawing-${i}-${name}`, theme, text });
        parts.push(`<div class="drawing drawing-${name}">${svg}</div>`);
      }
      drawn.set(text, parts.join(""));
    }
  } finally {
    await browser.close();
  }
  return drawn;
}

/** Runs in the page. */
async function drawOne({ id, theme, text }) {
  const { mermaid } = window;
  const fontFamily = "system-ui, sans-serif";
  mermaid.initialize({ startOnLoad: false, theme, fontFamily, flowchart: { htmlLabels: false } });
  return (await mermaid.render(id, text)).svg;
}
