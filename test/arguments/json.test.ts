import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseJson } from "../../src/arguments/json.js";
import { shown, shownText } from "../../src/arguments/shown.js";
import { messageOf } from "../errors.js";

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

test("a text that is no JSON, or is nested deeper than any of ours, is refused in words", () => {
  assert.is(
    messageOf(() => parseJson("{")),
    "it is not JSON",
  );
  assert.equal(parseJson(nested(2)), [[]]);
  for (const levels of [40, 100_000]) {
    assert.is(
      messageOf(() => parseJson(nested(levels))),
      "its JSON has over 32 levels",
    );
  }
});

test("a value is shown in one line of bounded length", () => {
  assert.is(shown("a\nb"), '"a\\nb"');
  assert.is(shown(undefined), "missing");
  assert.is(shown(Number.NaN), "NaN");
  assert.is(shownText(["a", { b: 1 }]), 'a, {"b":1}');
  assert.is(shown("x".repeat(1000)).length, 63);
});

test.run();
