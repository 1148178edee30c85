import { test } from "uvu";
import * as assert from "uvu/assert";
import { readZip, writeZip } from "../../src/formats/zip.js";
import { messageOf } from "../errors.js";

test("files come back from an archive, compressed if requested", () => {
  const bytes = new Uint8Array(5000).fill(7);
  const stored = writeZip([{ path: "a/b.png", bytes }]);
  const smaller = writeZip([{ path: "a/b.png", bytes, compress: true }]);
  assert.ok(stored.length > 5000 && smaller.length < 500, `${stored.length}, ${smaller.length}`);
  for (const archive of [stored, smaller]) {
    assert.equal(readZip(archive, "x.zip"), { "a/b.png": bytes });
  }
});

test("what is no archive is refused by its name", () => {
  assert.match(
    messageOf(() => readZip(new Uint8Array(40), "x.zip")),
    /^x\.zip: it is not a zip file \(/,
  );
});

test.run();
