import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { launchBrowser } from "../browser/chromium.js";
import { appFolder } from "./app-page.js";

test("the app says what to do when its page is opened from disk", async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(await appFolder(), "index.html")).href);
    const text = page.getByText("the page was opened from disk");
    await text.waitFor({ state: "visible" });
    assert.match(await text.innerText(), "npx serve");
  } finally {
    await browser.close();
  }
});

test.run();
