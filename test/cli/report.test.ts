import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodePng, encodePng } from "../../src/node/png.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

const small = ["--steps", "4", "--validate-every", "2", "--tile", "28", "--depth", "1"];

async function writePairs(names: readonly string[]): Promise<void> {
  const size = 40;
  const data = Uint8Array.from({ length: size * size }, (_, i) => (i % 7 === 0 ? 0 : 255));
  const png = encodePng({ width: size, height: size, channels: 1, bitDepth: 8, data });
  for (const folder of ["em/images", "em/labels"]) {
    await mkdir(folder, { recursive: true });
    for (const name of names) await writeFile(`${folder}/${name}.png`, png);
  }
}

test("report writes the run's report afresh, the same as train did", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    await runCli(["train", "em", "-o", "out", ...small]);
    const first = await readFile("out/report.html", "utf8");
    assert.match(first, /micrograph train em -o out/);
    assert.match(first, /calling everything cell/);
    assert.match(first, /id="cases"/);
    await rm("out/report.html");
    const { code, stdout, log } = await runCli(["report", "out", "--json"]);
    assert.is(code, 0);
    assert.equal(JSON.parse(stdout), { report: "out/report.html", remarks: [] });
    assert.is(await readFile("out/report.html", "utf8"), first);
    assert.equal([log.opened, log.closed], [1, 1]);
  });
});

test("a report of a run whose data have moved says so, without pictures", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    await runCli(["train", "em", "-o", "out", ...small, "--validate-every", "4"]);
    await rename("em", "moved");
    const { code, stdout } = await runCli(["report", "out"]);
    assert.is(code, 0);
    assert.match(stdout, /No pictures of the data: .*em\/images: no such/);
    const html = await readFile("out/report.html", "utf8");
    assert.match(html, /No pictures of the data/);
    assert.not.match(html, /<img/);
    assert.not.match(html, />4\.0+</, "a curve of one point has a step to read below it");
  });
});

test("an interrupted run has its report", async () => {
  await inFolder(async () => {
    const fake = fakeServices((step) => {
      if (step === 3) process.emit("SIGINT");
    });
    const { code } = await runCli(["train", "-o", "out", ...small], fake);
    assert.is(code, 130);
    assert.match(await readFile("out/report.html", "utf8"), /interrupted, saved/);
  });
});

test("a folder that is no run is refused in one line", async () => {
  await inFolder(async () => {
    const { code, stderr } = await runCli(["report", "nowhere"]);
    assert.is(code, 1);
    assert.match(stderr, /^micrograph: nowhere\/config\.json: .*no such file[^\n]*\n$/);
  });
});

test("gallery without data draws the embedded sample", async () => {
  await inFolder(async () => {
    const { code, stdout, log } = await runCli(["gallery", "-o", "out"]);
    assert.is(code, 0);
    assert.match(stdout, /6 files: open out\/index\.html/);
    const pictures = ["data", "overlap-tile", "augmentation", "weight-map"];
    const expected = [...pictures.map((name) => `${name}.png`), "architecture.txt", "index.html"];
    assert.equal((await readdir("out")).sort(), expected.sort());
    for (const name of pictures) {
      const { width } = decodePng(await readFile(`out/${name}.png`), name);
      assert.ok(width > 400, `${name}: ${width}`);
    }
    const text = await readFile("out/architecture.txt", "utf8");
    assert.match(text, /^encoder1\.conv1 +3 x 3 convolution +8 x 122 x 122 +80$/m);
    assert.match(text, /^Receptive field: 44 pixels a side$/m);
    assert.is(log.opened, 0, "no GPU is needed");
  });
});

test("gallery with a checkpoint shows what its run held out, and its curves", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    await runCli(["train", "em", "-o", "run", ...small]);
    const checkpoint = ["--checkpoint", "run/best.safetensors"];
    const { code, stdout } = await runCli(["gallery", "em", "-o", "out", "--json", ...checkpoint]);
    assert.is(code, 0);
    const { files } = JSON.parse(stdout);
    assert.ok(files.includes("out/prediction-2.png"));
    assert.not.ok(files.includes("out/prediction-1.png"));
    assert.match(await readFile("out/index.html", "utf8"), /id="curves"/);
    const again = await runCli(["gallery", "em", "-o", "out", "--depth", "2", ...checkpoint]);
    assert.is(again.code, 1);
    assert.match(again.stderr, /--depth: the checkpoint says it already; leave it out/);
  });
});

test("gallery refuses to write among the data, and tiles that do not fit", async () => {
  await inFolder(async () => {
    await writePairs(["0"]);
    const among = await runCli(["gallery", "em", "-o", "em/images"]);
    assert.is(among.code, 1);
    assert.match(among.stderr, /--output em\/images: it holds the data; name another folder/);
    assert.equal(await readdir("em/images"), ["0.png"]);
    const odd = await runCli(["gallery", "em", "-o", "out", "--tile", "285"]);
    assert.match(odd.stderr, /--tile: .* nearest .* 284 and 300/);
  });
});

test.run();
