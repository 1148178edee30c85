// The drawings of the guides, which are written as text for Mermaid: as SVG, light and dark.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launchBrowser } from "../../dist/test/browser/chromium.js";

const MERMAID = createRequire(import.meta.url).resolve("mermaid/dist/mermaid.min.js");
const THEMES = { light: "neutral", dark: "dark" };

/**
 * Draws every drawing of the guides in a browser: the SVG of both themes as HTML, by text. What Mermaid cannot read
 * goes to `faults`, and stays text, as everything does without a browser. `guides`: pairs of file and text.
 */
export async function draw(guides, faults) {
  const drawn = new Map();
  const drawings = guides.flatMap(([file, markdown]) =>
    [...markdown.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(([, text]) => [file, text]),
  );
  if (drawings.length === 0) return drawn;
  let browser;
  try {
    browser = await launchBrowser();
  } catch (error) {
    console.error(`No browser to draw with, so drawings stay text: ${firstLine(error)}`);
    return drawn;
  }
  try {
    const page = await browser.newPage();
    await page.setContent("<!doctype html><body></body>");
    await page.addScriptTag({ content: readFileSync(MERMAID, "utf8") });
    for (const [i, [file, text]] of drawings.entries()) {
      try {
        const parts = [];
        for (const [name, theme] of Object.entries(THEMES)) {
          const svg = await page.evaluate(drawOne, { id: `drawing-${i}-${name}`, theme, text });
          parts.push(`<div class="drawing drawing-${name}">${svg}</div>`);
        }
        drawn.set(text, parts.join(""));
      } catch (error) {
        faults.push(`${file}: Mermaid cannot read a drawing: ${firstLine(error)}`);
      }
    }
  } finally {
    await browser.close();
  }
  return drawn;
}

const firstLine = ({ message }) => message.split("\n", 3).join(" ");

/** Runs in the page. */
async function drawOne({ id, theme, text }) {
  const { mermaid } = window;
  const fontFamily = "system-ui, sans-serif";
  mermaid.initialize({ startOnLoad: false, theme, fontFamily, flowchart: { htmlLabels: false } });
  return (await mermaid.render(id, text)).svg;
}
