import { test } from "uvu";
import * as assert from "uvu/assert";
import { skipped } from "../../app/src/images/problems.js";
import { adviceOn } from "../../app/src/images/sort-files.js";
import { fileName, folderOf, pictureName } from "../../app/src/outputs/names.js";
import { STATIONS, stationOf } from "../../app/src/state/stations.js";

test("addresses of today's and of former stations lead to a station, others to none", () => {
  for (const { id } of STATIONS) assert.is(stationOf(id), id);
  assert.is(stationOf("home"), "export");
  assert.equal([stationOf(""), stationOf("nowhere")], [undefined, undefined]);
});

test("downloads are named by project, image and kind, so that every system takes the name", () => {
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

test("what is said of a skipped file begins with its name, and a microscope's file has advice", () => {
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

test.run();
