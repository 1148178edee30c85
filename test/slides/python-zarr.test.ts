import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openSlide } from "../../src/formats/slide/open-slide.js";
import { planeDigest, predictStandIn, storeDigests } from "./digests.js";
import { memoryStore } from "./zarr-image.js";

// Written by `npm run against:zarr -- --write` with python3-zarr 2.13.6 of Debian 12.
const file = new URL("../../../test/slides/python-zarr.json", import.meta.url);
const golden = JSON.parse(await readFile(file, "utf8"));

test("stores of python3-zarr are read: every compressor, byte order, order of axes", async () => {
  assert.is(Object.keys(golden.stores).length, 10);
  for (const [name, { digest, files }] of Object.entries<{
    digest: string;
    files: Record<string, string>;
  }>(golden.stores)) {
    const store = memoryStore();
    for (const [path, text] of Object.entries(files)) {
      await store.set(`/${path}`, Buffer.from(text, "base64"));
    }
    assert.equal([name, await planeDigest(await openSlide(store, name))], [name, digest]);
  }
});

test("a prediction in OME-Zarr 0.4 has the numbers that python3-zarr read; 0.5 has the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-zarr-"));
  try {
    for (const version of ["0.4", "0.5"] as const) {
      const job = await predictStandIn(join(folder, version), version);
      assert.equal(await storeDigests(job.final), golden.prediction);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the metadata of OME-Zarr 0.5 is by the rules of its specification", async () => {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-zarr-"));
  const job = await predictStandIn(folder, "0.5");
  const read = async (path: string) =>
    JSON.parse(await readFile(join(job.final, path, "zarr.json"), "utf8"));
  const [root, labels, classes, array] = await Promise.all(
    ["", "labels", "labels/classes", "0"].map(read),
  );
  await rm(folder, { recursive: true });
  for (const group of [root, labels, classes]) {
    assert.equal([group.zarr_format, group.node_type], [3, "group"]);
    assert.is(group.attributes.ome.version, "0.5");
  }
  const [multiscale] = root.attributes.ome.multiscales;
  assert.equal(multiscale.axes, [
    { name: "c", type: "channel" },
    { name: "y", type: "space", unit: "micrometer" },
    { name: "x", type: "space", unit: "micrometer" },
  ]);
  // Scale first, then one translation; the full resolution first. A pixel of level 2 is 4 x 4 pixels.
  assert.equal(multiscale.datasets[2], {
    path: "2",
    coordinateTransformations: [
      { type: "scale", scale: [1, 2, 2] },
      { type: "translation", translation: [0, 0.75, 0.75] },
    ],
  });
  assert.equal(labels.attributes.ome.labels, ["classes"]);
  const label = classes.attributes.ome["image-label"];
  assert.equal(label.source, { image: "../../" });
  assert.equal(
    label.colors.map((colour: Record<string, unknown>) => colour["label-value"]),
    [0, 1],
  );
  assert.equal([array.data_type, array.dimension_names], ["uint16", ["c", "y", "x"]]);
  assert.equal(array.chunk_key_encoding, { name: "default", configuration: { separator: "/" } });
});

test.run();
