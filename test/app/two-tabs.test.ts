import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type AppSite, openSite } from "./app-page.js";
import { button, tab } from "./walk.js";

let site: AppSite;
test.before(async () => {
  site = await openSite();
});
test.after(() => site?.close());

const saved = (page: Page) =>
  page.getByRole("banner").getByText("saved", { exact: true }).waitFor();

test("only one of two tabs works on a project, and each keeps its own after reloads", async () => {
  const { page: one, context, problems } = await site.open();
  await button(one, "Try the sample").click();
  await saved(one);
  await tab(one, /Label/).click();
  await one.goBack();
  await one.getByText("12 images").waitFor();

  const two = await context.newPage();
  await two.goto(one.url());
  await two.getByText(/is open in another tab/).waitFor();
  await button(two, "Remove synthetic-01").click();
  await two.getByText("12 images").waitFor();
  await button(one, "Remove synthetic-02").click();
  // Taken over before the first tab has saved it.
  await two.getByRole("button", { name: "Work on it here" }).click();
  await two.getByText("11 images").waitFor();
  await one.getByText(/is open in another tab/).waitFor();
  await button(two, "Remove synthetic-03").click();
  await saved(two);

  await tab(one, /Start/).click();
  await button(one, "Try the sample").click();
  await one.getByText("12 images").waitFor();
  await saved(one);
  await one.reload();
  await one.getByText("12 images").waitFor();
  await two.reload();
  await two.getByText("10 images").waitFor();
  assert.is(await two.getByText(/is open in another tab/).count(), 0);
  assert.equal(problems, []);
  await context.close();
});

test.run();
