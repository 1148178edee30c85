// What is wrong with the layout of a page of the app.

import type { Page } from "playwright-core";

/** Sentences about what is outside of a page of this width, or under its stage. */
export async function layoutProblems(page: Page, width: number): Promise<string[]> {
  return page.evaluate((width) => {
    const problems: string[] = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > width) problems.push(`the page is ${scrollWidth} px wide`);
    for (const button of document.querySelectorAll(
      "nav button, main button, main select, main input",
    )) {
      // A table of many columns scrolls by itself.
      if (button.closest(".cell-table")) continue;
      const { left, right, width: own } = button.getBoundingClientRect();
      if (own > 0 && (left < -1 || right > width + 1)) {
        problems.push(`${button.textContent || button.ariaLabel} is at ${left} to ${right}`);
      }
    }
    const stage = document.querySelector(".stage")?.getBoundingClientRect();
    for (const card of stage
      ? document.querySelectorAll(".side > *, .stage-tools, .sliders")
      : []) {
      const box = card.getBoundingClientRect();
      const isUnder =
        stage &&
        box.top < stage.bottom - 1 &&
        stage.top < box.bottom - 1 &&
        box.left < stage.right - 1 &&
        stage.left < box.right - 1;
      if (isUnder) problems.push(`${card.className} lies under the stage`);
    }
    return problems;
  }, width);
}
