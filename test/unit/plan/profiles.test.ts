/** Tests --pprof: the profiles, the flag of a throwaway etcd, and conflicts with other flags. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { refuses } from "../../harness/refusal.ts";
import { put } from "./planned-runs.ts";

test("--pprof gives each profile once, in a fixed order, and a throwaway cluster serves them", () => {
  const { judge, target } = put({ pprof: "heap,cpu,heap", local: "3" }).plan;
  assert.equal(judge.profiles, ["cpu", "heap"]);
  assert.equal(target.local!.serverArgs, ["--enable-pprof"]);
  assert.equal(put({ local: "3" }).plan.target.local!.serverArgs, []);
  assert.equal(put({ pprof: "cpu" }).plan.judge.profiles, ["cpu"]);
});

test("an unknown profile, and profiles in a search, are refused", () => {
  refuses(() => put({ pprof: "cpu,block" }), "--pprof", '"block"', "--pprof=cpu,heap");
  refuses(() => put({ pprof: "cpu", "find-max": "p99<1s" }), "--pprof", "--find-max");
});

test.run();
