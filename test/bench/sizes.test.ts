import { test } from "uvu";
import * as assert from "uvu/assert";
import { watchGpuBytes } from "../../bench/gpu-bytes.js";
import { benchLargeImage } from "../../bench/large.js";
import { showGpu } from "../../bench/peer.js";
import type { Row } from "../../bench/report.js";
import { type Session, simplestKernels } from "../../bench/session.js";
import { benchTiles } from "../../bench/sizes.js";
import { planDispatches } from "../../src/gpu/planned-dispatches.js";
import { unet } from "../../src/model/unet.js";
import { openDevice } from "../../src/node/open-device.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { stepSpec } from "../../src/train/step-graph.js";
import { sampledTest } from "../sample.js";

// One of its own: it is watched to its end.
const device = await openDevice();
test.after(() => device.close());
const bytes = watchGpuBytes(device.gpu);

function session(): Session & { readonly rows: Row[]; readonly remarks: string[] } {
  const measurePeak = async () => {};
  const rest = { engines: [], rows: [], remarks: [], say: () => {}, isLate: () => false };
  return { device, bytes, peak: () => 100, measurePeak, ...rest };
}

sampledTest(
  "growth: a row per tile, compared with other kernels, its GFLOP/s next to those of tile 284",
  async () => {
    const { rows, remarks, ...rest } = session();
    await benchTiles({ ...rest, rows, remarks }, 2, 1, [188, 284]);
    assert.equal(remarks, []);
    assert.equal(
      rows.map(({ tile }) => tile),
      [188, 284],
    );
    assert.is(rows[0].gflopsOfTile284, rows[0].gflops / rows[1].gflops);
    for (const { difference = 1, planBytes = 0, peakBytes = 0, liveBytes = Infinity } of rows) {
      // Other kernels ran: no two of them round in the same way.
      assert.ok(difference > 0 && difference < 1e-4, `differs by ${difference}`);
      // Reads of losses are added.
      assert.ok(
        planBytes <= peakBytes && peakBytes < 1.1 * planBytes,
        `${peakBytes}, ${planBytes}`,
      );
      assert.ok(liveBytes <= planBytes && planBytes < 1.15 * liveBytes, `${liveBytes}`);
    }
  },
);

/** The device, as if it bound at most this many bytes. */
function binding(most: number): Session["device"] {
  const limits = new Proxy(device.gpu.limits, {
    get: (real, name) =>
      name === "maxStorageBufferBindingSize" ? most : real[name as keyof GPUSupportedLimits],
  });
  const gpu = new Proxy(device.gpu, {
    get(real, name) {
      if (name === "limits") return limits;
      const value = real[name as keyof GPUDevice];
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
  return { ...device, gpu };
}

test("growth: a plan that the adapter cannot hold is a remark", async () => {
  const { rows, remarks, ...rest } = session();
  await benchTiles({ ...rest, device: binding(2 ** 20), rows, remarks }, 2, 1, [572]);
  assert.is(rows.length, 0);
  assert.match(remarks[0], /^growth, width 2, tile 572: .* needs \d+ bytes/);
});

sampledTest(
  "large: an image of many tiles, its middle held to one tile by other kernels",
  async () => {
    const { rows, remarks, ...rest } = session();
    await benchLargeImage({ ...rest, rows, remarks }, 2, 1024);
    assert.equal(remarks, []);
    const [{ work, tile, megapixelsPerSecond = 0, medianMs, difference = 1, peakBytes = 0 }] = rows;
    assert.equal([work, tile], ["large", 1024]);
    assert.is(megapixelsPerSecond, 1024 ** 2 / (medianMs * 1000));
    assert.ok(difference > 0 && difference < 1e-4, `differs by ${difference}`);
    assert.ok(peakBytes > 0);
  },
);

test("results are compared with the kernels named buffer, except for skips that are too large to join", () => {
  const kernels = (tile: number) => {
    const spec = stepSpec(unet(modelConfig({ base: 16 })), trainingConfig({ tile }));
    // For an adapter that chooses another kernel wherever there is one.
    const capabilities = {
      kind: "cpu",
      workgroupSize: 8,
      subgroups: true,
      textureSide: 16384,
    } as const;
    const target = { ...binding(2 ** 27), capabilities };
    const steps = planDispatches(simplestKernels(target), spec);
    return steps.filter(({ node }) => node.op.name === "conv2d").map(({ kernel }) => kernel);
  };
  assert.ok(kernels(284).every((kernel) => kernel === "buffer"));
  assert.ok(kernels(1212).some((kernel) => kernel !== "buffer"));
});

test("other engines see the adapter that Micrograph runs on", async () => {
  const gpu = await showGpu();
  assert.is((globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu, gpu);
  const adapter = await gpu.requestAdapter();
  assert.is(adapter?.info.description, device.gpu.adapterInfo.description);
});

test.run();
