import { test } from "uvu";
import * as assert from "uvu/assert";
import { skipped } from "../../app/src/images/problems.js";
import { adviceOn } from "../../app/src/images/sort-files.js";
import { fileName, folderOf, pictureName } from "../../app/src/outputs/names.js";
import { gpuAdvice } from "../../app/src/state/gpu-advice.js";
import { PAGES, pageOf } from "../../app/src/state/pages.js";
import { alignedData, curveSeries } from "../../app/src/views/curve-data.js";

test("addresses of present and former pages lead to a page, others to none", () => {
  for (const { id } of PAGES) assert.is(pageOf(id), id);
  assert.is(pageOf("home"), "export");
  assert.equal([pageOf(""), pageOf("nowhere")], [undefined, undefined]);
});

test("downloads are named by project, image and kind, valid on every system", () => {
  const project = { name: "Mitosis day 3/4 " };
  assert.is(fileName(project, "report.html"), "Mitosis-day-3-4-report.html");
  assert.is(folderOf({ name: "Sample" }), "Sample-project");
  assert.is(folderOf({ name: " " }), "project-project");
  const name = (kind: "mask" | "components", path: string) =>
    pictureName({ name: "Sample" }, "cell 1", kind, { path, bytes: Uint8Array.of() });
  assert.is(name("mask", "cell 1.png"), "Sample-cell 1-mask.png");
  assert.is(name("mask", "cell 1-colours.png"), "Sample-cell 1-mask-colours.png");
  assert.is(name("components", "cell 1-components.png"), "Sample-cell 1-components.png");
});

test("the message about a skipped file starts with its name; for formats of microscopes it has advice", () => {
  assert.is(
    skipped("a b.png: damaged: it ends early"),
    "a b.png was skipped: damaged: it ends early.",
  );
  assert.is(skipped("s.tif, page 3: it is empty"), "s.tif, page 3 was skipped: it is empty.");
  assert.is(skipped("train/label: no image"), "train/label was skipped: no image.");
  assert.is(
    skipped("no image has a label: a holds b"),
    "Skipped: no image has a label: a holds b.",
  );
  assert.match(String(adviceOn("cells/x.CZI")), /save it as TIFF or PNG first/);
  assert.is(adviceOn("notes.txt"), undefined);
});

const FIREFOX = "Gecko/20100101 Firefox/153.0";
const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const LINUX = "Mozilla/5.0 (X11; Linux x86_64)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel)";

test("the message about missing WebGPU fits the browser, the system and the page", () => {
  const advice = (userAgent: string, hasWebGpu = false, isSecure = true) =>
    gpuAdvice({ userAgent, hasWebGpu, isSecure }).join(" ");
  const insecure = advice(`${LINUX} ${CHROME}`, false, false);
  assert.match(insecure, /https:.*localhost/);
  assert.not.match(insecure, /Chrome|flags/);
  assert.match(advice(`${LINUX} ${FIREFOX}`), /dom\.webgpu\.enabled.*ignore-blocklist/);
  assert.not.match(advice(`${LINUX} ${FIREFOX}`, true), /dom\.webgpu\.enabled/);
  assert.match(advice(`${WINDOWS} Firefox/140.0`), /Update Firefox: on Windows .* 141/);
  assert.match(advice(`${MAC} ${FIREFOX}`), /Apple silicon/);
  assert.match(advice(`${ANDROID} ${FIREFOX}`), /no WebGPU yet/);
  assert.match(advice(`${LINUX} ${CHROME}`), /chrome:\/\/flags\/#enable-unsafe-webgpu/);
  assert.match(advice(`${WINDOWS} ${CHROME} Edg/156.0`, true), /graphics acceleration in Edge/);
  assert.match(advice(`${WINDOWS} Chrome/100.0 Safari/537.36`), /Update Chrome: .* 113/);
  assert.match(
    advice(`${MAC} Version/18.1 Safari/605.1.15`),
    /Safari 26, which comes with macOS 26/,
  );
  assert.match(advice(`${MAC} Version/26.0 Safari/605.1.15`), /Feature Flags/);
  assert.match(advice("something else"), /current Chrome or Edge/);
});

test("the first validation of a run is visible on its curve", () => {
  const losses = Array.from({ length: 500 }, (_, i) => ({ step: i + 1, loss: 1 }));
  const validations = [{ step: 500, loss: 0.5, wrongPixels: 0.1 }];
  const [, , held] = alignedData({ losses, validations });
  assert.is([...held].filter((value) => value !== null).length, 1);
  const [, , { points }] = curveSeries(() => "#123456");
  assert.is(points?.show, true, "left to itself the plot shows no points among so many steps");
});

test.run();
