/** Tests the flags that set what a range reads. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { refuses } from "../../harness/refusal.ts";
import { put, range } from "./planned-runs.ts";

test("a prefix range without a key reads all keys, and has no end", () => {
  const of = (
    flags: GivenFlags,
    key: string | null = null,
    end: string | null = null,
  ): [unknown, string[]] => {
    const { plan, notes } = range({ prefix: true, ...flags }, key, end);
    const { workload } = plan;
    assert.is(workload.kind, "range");
    return [workload.kind === "range" ? [workload.key, workload.end, workload.prefix] : [], notes];
  };
  assert.equal(of({}, "foo"), [["foo", null, true], []]);
  assert.equal(of({}), [["", null, true], []]);
  assert.equal(of({}, ""), [["", null, true], []]);
  const [bounds, notes] = of({}, "b", "a");
  assert.equal(bounds, ["b", null, true]);
  assert.is(notes.length, 1);
  assert.match(String(notes[0]), /^--prefix .* the end is left out/);
  assert.match(String(of({ "val-size": "5" })[1]), /--val-size has no effect/);
});

test("the answers of a range are limited as upstream, and sorted", () => {
  const of = (flags: GivenFlags) => {
    const { workload } = range(flags, "foo").plan;
    return workload.kind === "range" ? [workload.limit, workload.content, workload.sort] : [];
  };
  assert.equal(of({}), [null, "all", null]);
  assert.equal(of({ limit: "0", "count-only": false }), [null, "all", null]);
  assert.equal(of({ limit: "10k", "keys-only": true }), [10_000, "keys", null]);
  assert.equal(of({ "count-only": true }), [null, "count", null]);
  assert.equal(of({ sort: "mod" }), [null, "all", { by: "mod", order: "ascend" }]);
  assert.equal(of({ sort: "KEY:desc" }), [null, "all", { by: "key", order: "descend" }]);
  assert.equal(of({ sort: "none" }), [null, "all", null]);
  refuses(() => of({ "keys-only": true, "count-only": true }), "--keys-only", "--count-only");
  for (const wrong of ["", "size", "key:up", "key:asc:desc", "constructor"]) {
    refuses(() => of({ sort: wrong }), "--sort", JSON.stringify(wrong), "--sort=mod:descend");
  }
  for (const wrong of ["-1", "x", "1.5"]) refuses(() => of({ limit: wrong }), "--limit");
  const { notes } = range({ "count-only": true, limit: "5", sort: "key" }, "foo");
  assert.is(notes.length, 2);
});

test("upstream's flags for durations are read, and one without effect gives a note", () => {
  assert.is(put({ "dial-timeout": "0" }).plan.load.dialTimeoutMs, null);
  assert.is(put({ "dial-timeout": "0s" }).plan.load.dialTimeoutMs, null);
  assert.is(put({ "dial-timeout": "2s" }).plan.load.dialTimeoutMs, 2_000);
  assert.equal(put({ "auto-sync-interval": "0s" }).notes, []);
  const { notes } = put({ "auto-sync-interval": "30s" });
  assert.is(notes.length, 1);
  assert.match(notes[0]!, /^--auto-sync-interval has no effect/);
});

test("an empty key is refused, and an empty end is no end", () => {
  refuses(() => range({}, ""), "key is empty");
  assert.equal(range({}, "a", "").plan, range({}, "a").plan);
});

test.run();
