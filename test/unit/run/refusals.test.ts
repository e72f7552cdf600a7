/** Which requests etcd has surely not carried out. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { areRefused } from "../../../src/run/refusals.ts";

function failed(code: string, count: number) {
  return { succeeded: 0, failed: count, errors: [{ code, message: "no", count }] };
}

test("requests are refused if each of them, of all phases, has failed with a code that etcd gives before it writes", () => {
  assert.is(areRefused(3, [failed("PERMISSION_DENIED", 3)]), true);
  assert.is(areRefused(5, [failed("PERMISSION_DENIED", 3), failed("INVALID_ARGUMENT", 2)]), true);
  assert.is(areRefused(0, []), true);
});

test("requests are not refused if one has succeeded or has no answer", () => {
  assert.is(areRefused(4, [{ ...failed("PERMISSION_DENIED", 3), succeeded: 1 }]), false);
  assert.is(areRefused(4, [failed("PERMISSION_DENIED", 3)]), false);
});

test("codes that etcd gives for requests that it has carried out, or may yet, are no refusals", () => {
  const open = ["DEADLINE_EXCEEDED", "UNAVAILABLE", "UNKNOWN", "CANCELLED", "INTERNAL"];
  for (const code of [...open, "RESOURCE_EXHAUSTED"]) {
    assert.is(areRefused(3, [failed(code, 3)]), false, code);
  }
});

test.run();
