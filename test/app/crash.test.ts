import type { Page } from "playwright-core";
import { test } from "uvu";
import { type AppSite, openSite } from "./app-page.js";
import { button, paint, tab } from "./walk.js";

let site: AppSite;
test.before(async () => {
  site = await openSite();
});
test.after(() => site?.close());

/** Makes the page write only half of project.json. Resolves when it has. */
function halfAProject(page: Page): Promise<unknown> {
  return page.evaluate(
    () =>
      new Promise<void>((halfDone) => {
        const { createWritable } = FileSystemFileHandle.prototype;
        FileSystemFileHandle.prototype.createWritable = async function (...given) {
          const stream = await createWritable.apply(this, given);
          if (this.name === "project.json") {
            const { write } = stream;
            stream.write = async (data) => {
              const bytes = data as Uint8Array<ArrayBuffer>;
              await write.call(stream, bytes.slice(0, bytes.length / 2));
              halfDone();
              return new Promise(() => {});
            };
          }
          return stream;
        };
      }),
  );
}

test("a page that crashes during a write opens again with what was saved before", async () => {
  const { page, context } = await site.open();
  const saved = (of: Page) => of.getByRole("banner").getByText("saved").waitFor();
  await button(page, "Try the sample").click();
  await saved(page);
  await tab(page, /Label/).click();
  await page.getByLabel("Selected image").selectOption("synthetic-11");
  const half = halfAProject(page);
  await paint(page);
  await half;
  const crashed = page.waitForEvent("crash");
  await page.goto("chrome://crash").catch(() => {});
  await crashed;

  const again = await context.newPage();
  await again.goto(site.url);
  await again.getByRole("button", { name: /^Sample 12 images, 10 labelled/ }).click();
  await again.getByText("12 images, 10 labelled").waitFor();
  await tab(again, /Label/).click();
  await again.getByLabel("Selected image").selectOption("synthetic-11");
  await again.getByText("Not labelled yet.").waitFor();
  await paint(again);
  await saved(again);
  await again.reload();
  await tab(again, /Images/).click();
  await again.getByText("12 images, 11 labelled").waitFor();
  await context.close();
});

test.run();
