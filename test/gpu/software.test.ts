import { test } from "uvu";
import * as assert from "uvu/assert";
import { capabilitiesOf } from "../../src/gpu/capabilities.js";

const LIMITS = { maxTextureDimension2D: 8192, maxComputeInvocationsPerWorkgroup: 256 };
const hidden = { vendor: "", architecture: "", device: "", description: "" };

function kindOf(info: object, features: readonly string[] = ["subgroups"]) {
  const { kind, lanes, subgroups } = capabilitiesOf(
    { ...hidden, ...info },
    new Set(features),
    LIMITS,
  );
  return `${kind}, ${lanes} lanes${subgroups ? " of a subgroup" : ""}`;
}

test("an adapter is in software by its name, or because the browser falls back to it", () => {
  const sized = (least: number, most: number) => ({
    subgroupMinSize: least,
    subgroupMaxSize: most,
  });
  const isFallbackAdapter = true;
  assert.is(
    kindOf({ description: "SwiftShader driver 5.0.0", ...sized(4, 4) }),
    "cpu, 4 lanes of a subgroup",
  );
  assert.is(
    kindOf({ device: "llvmpipe (LLVM 15.0.6, 256 bits)", ...sized(8, 8) }),
    "cpu, 8 lanes of a subgroup",
  );
  // Firefox 153 hides every name; wgpu, where it does not know the sizes, says 4 and 128.
  assert.is(kindOf({ isFallbackAdapter, ...sized(4, 128) }, []), "cpu, 8 lanes");
  assert.is(kindOf({ isFallbackAdapter, ...sized(4, 4) }), "cpu, 4 lanes of a subgroup");
  assert.is(kindOf({ isFallbackAdapter }, []), "cpu, 4 lanes");
});

test("a GPU is none, with a name or without", () => {
  assert.is(kindOf({}), "gpu, 64 lanes");
  assert.is(
    kindOf({ isFallbackAdapter: false, subgroupMinSize: 4, subgroupMaxSize: 128 }),
    "gpu, 64 lanes",
  );
  assert.is(kindOf({ vendor: "intel", isFallbackAdapter: false }), "gpu, 64 lanes");
});

test.run();
