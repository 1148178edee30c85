import { mkdir, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { writeSafetensors } from "../../src/formats/safetensors.js";
import { writeZip } from "../../src/formats/zip.js";
import { importNetwork, openModelPackage } from "../../src/node.js";
import { rejectionOf } from "../errors.js";
import { inFolder, runCli } from "./run.js";

const DESCRIPTION = `format_version: 0.5.3
type: model
name: Cells
license: MIT
inputs:
  - id: raw
    axes: [{type: batch}, {type: channel}, {type: space, id: y}, {type: space, id: x}]
outputs:
  - id: out
    axes: [{type: batch}, {type: channel}, {type: space, id: y}, {type: space, id: x}]
weights:
  onnx: {source: w.onnx}
`;

test("test prints how far the output is off, and its exit code says whether the package allows it", async () => {
  await inFolder(async () => {
    await mkdir("cells");
    await writeFile("cells/bioimageio.yaml", DESCRIPTION);
    const { code, stdout } = await runCli(["test", "cells"]);
    assert.is(code, 1);
    assert.match(stdout, "Cells, format 0.5.3, licence MIT");
    assert.match(stdout, /Output \[1,1,8,8\] on .*: differs by up to 2\.5e-1/);
    assert.match(
      stdout,
      "Failed: 50.00 % of the values differ by more than the package allows, 0.001 and 0.001",
    );
    const { stdout: json } = await runCli(["test", "cells", "--json"]);
    assert.is(JSON.parse(json).worst, 0.25);
  });
});

test("a package is a folder, its description, or a zip file, whose folder may be inside", async () => {
  await inFolder(async () => {
    await mkdir("cells");
    await writeFile("cells/rdf.yaml", DESCRIPTION);
    await writeFile("cells/a.txt", "a");
    const files = { "top/rdf.yaml": DESCRIPTION, "top/a.txt": "a" };
    const entries = Object.entries(files).map(([path, text]) => ({
      path,
      bytes: new TextEncoder().encode(text),
    }));
    await writeFile("cells.zip", writeZip(entries));
    for (const path of ["cells", "cells/rdf.yaml", "cells.zip"]) {
      const { description, read } = await openModelPackage(path);
      assert.is(description.name, "Cells");
      assert.is(new TextDecoder().decode(await read("a.txt")), "a");
      for (const outside of ["../secret", "/etc/passwd", "http://x/y"]) {
        await read(outside).then(
          () => assert.unreachable(),
          (error) => assert.match(error.message, `${outside} is not a file of the package`),
        );
      }
    }
  });
});

test("a network that only Python defines is refused by the name of its definition", async () => {
  await inFolder(async () => {
    const bytes = new Uint8Array(36);
    const tensors = new Map([["w", { dtype: "F32" as const, shape: [9], bytes }]]);
    await mkdir("cells");
    await writeFile("cells/w.pt", writeSafetensors({ tensors, metadata: {} }));
    const weights =
      "pytorch_state_dict: {source: w.pt, architecture: {source: own.py, callable: Net}}";
    await writeFile("cells/rdf.yaml", DESCRIPTION.replace(/onnx: .*/, weights));
    const message = await rejectionOf(importNetwork("cells"));
    assert.match(
      message,
      "cells: w.pt: only Python makes its network (own.py, Net), and none is run",
    );
  });
});

test("what is no package is refused in a line", async () => {
  await inFolder(async () => {
    await mkdir("empty");
    await mkdir("bad");
    await writeFile("bad/rdf.yaml", "a: [1");
    await writeFile("no.zip", "text");
    for (const [path, wanted] of [
      ["empty", "empty: it has no bioimageio.yaml or rdf.yaml"],
      ["bad", "bad: rdf.yaml is not YAML: "],
      ["no.zip", "no.zip: it is not a zip file"],
    ]) {
      const { code, stderr } = await runCli(["test", path]);
      assert.is(code, 1);
      assert.match(stderr, wanted);
      assert.match(stderr, /^micrograph: [^\n]*\n$/);
    }
  });
});

test.run();
