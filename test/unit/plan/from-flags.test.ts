/** Tests turning flags into run plans: upstream's defaults, totals, rates and keys. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import type { PlannedRun } from "../../../src/plan/from-flags.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { refuses } from "../../harness/refusal.ts";
import { put, range } from "./planned-runs.ts";

const keysOf = ({ plan }: PlannedRun) => (plan.workload as PutWorkload).keys;

test("the plan of put without flags contains all defaults, upstream's and ours", () => {
  const { plan, notes } = put();
  assert.equal(notes, []);
  assert.equal(plan, {
    target: {
      endpoints: ["127.0.0.1:2379"],
      leaderOnly: false,
      metricsEndpoints: null,
      tls: null,
      user: null,
      local: null,
      cluster: null,
      ignoresQuota: false,
    },
    workload: {
      kind: "put",
      keys: {
        keySizeBytes: 8,
        keySpaceSize: 1,
        sequential: false,
        prefix: "",
        popularity: "uniform",
        encoding: "fixed",
      },
      valSizeBytes: 8,
      valueSize: null,
    },
    load: {
      connections: 1,
      clients: 1,
      workers: 1,
      transport: "wire",
      timeoutMs: 10_000,
      dialTimeoutMs: null,
      seed: 1,
    },
    pacing: { ratePerSec: null, arrival: "constant", wait: "nap" },
    limits: { totalRequests: 10_000, durationMs: null, warmupRequests: null, warmupMs: null },
    judge: {
      maxErrorRate: 0,
      thresholds: [],
      strict: false,
      checkHashKv: false,
      keepSlowest: 0,
      by: null,
      profiles: [],
    },
    maintenance: { compaction: null, defragmentation: null, events: [] },
    search: null,
    labels: {},
    cleanup: false,
  });
});

test("range without flags or key reads its own key, linearizably, 10,000 times", () => {
  const { plan, notes } = range();
  assert.equal(notes, []);
  assert.equal(plan.workload, {
    kind: "range",
    key: null,
    end: null,
    prefix: false,
    limit: null,
    content: "all",
    sort: null,
    fetch: "whole",
    keySpace: null,
    keySizeBytes: 8,
    valSizeBytes: 8,
    valueSize: null,
    consistency: ["linearizable"],
  });
  assert.is(plan.limits.totalRequests, 10_000);
});

test("a key and an end are taken as they are", () => {
  const { plan } = range({ consistency: "l,s" }, "007", "a b");
  assert.is(plan.workload.kind, "range");
  assert.equal({ ...plan.workload }, { ...plan.workload, key: "007", end: "a b" });
});

test("every consistency is read in both spellings, in the given order", () => {
  const of = (consistency: string) => {
    const { workload } = range({ consistency }).plan;
    return workload.kind === "range" ? workload.consistency : [];
  };
  assert.equal(of("l"), ["linearizable"]);
  assert.equal(of("serializable"), ["serializable"]);
  assert.equal(of("l,s"), ["linearizable", "serializable"]);
  assert.equal(of("s,linearizable"), ["serializable", "linearizable"]);
  for (const wrong of ["x", "", "l,l", "l,linearizable", "l,", "l;s", "constructor"]) {
    refuses(() => of(wrong), "--consistency", JSON.stringify(wrong), "--consistency=l,s");
  }
});

test("a duration without a total removes the default total, and with a total both apply", () => {
  assert.equal(put({ duration: "10s" }).plan.limits.totalRequests, null);
  assert.is(put({ duration: "10s" }).plan.limits.durationMs, 10_000);
  const both = put({ duration: "1m30s", total: "5k" }).plan.limits;
  assert.is(both.totalRequests, 5000);
  assert.is(both.durationMs, 90_000);
});

test("a warm-up is a duration or a number of requests, and 0 is none", () => {
  const of = (warmup: string) => {
    const { warmupRequests, warmupMs } = put({ warmup }).plan.limits;
    return [warmupRequests, warmupMs];
  };
  assert.equal(of("10s"), [null, 10_000]);
  assert.equal(of("1m"), [null, 60_000]);
  assert.equal(of("1M"), [1_000_000, null]);
  assert.equal(of("500"), [500, null]);
  assert.equal(of("0"), [null, null]);
  assert.equal(of("0s"), [null, null]);
  for (const wrong of ["-1", "1.5", "ten", "5d", "", "s"]) {
    refuses(() => of(wrong), "--warmup", JSON.stringify(wrong));
  }
});

test("rate 0 is a closed loop, as upstream, and any other rate paces the whole run", () => {
  assert.is(put({ rate: "0" }).plan.pacing.ratePerSec, null);
  const { plan } = put({ rate: "300/m", arrival: "poisson", pacing: "spin" });
  assert.equal(plan.pacing, { ratePerSec: 5, arrival: "poisson", wait: "spin" });
});

test("arrival and pacing without a rate give a note", () => {
  const { notes } = put({ arrival: "poisson", pacing: "timer" });
  assert.is(notes.length, 2);
  assert.match(notes[0]!, /^--arrival has no effect without --rate/);
  assert.match(notes[1]!, /^--pacing has no effect without --rate/);
});

test("sequential keys without a key space are all distinct, with a note on upstream", () => {
  const planned = put({ "sequential-keys": true, total: "30k" });
  assert.is(keysOf(planned).keySpaceSize, 30_000);
  assert.is(planned.notes.length, 1);
  assert.match(planned.notes[0]!, /upstream's tool would write one key/);
});

test("sequential keys with a given key space are as upstream, without a note", () => {
  const planned = put({ "sequential-keys": true, "key-space-size": "1" });
  assert.is(keysOf(planned).keySpaceSize, 1);
  assert.equal(planned.notes, []);
});

test("sequential keys of a run without a total use all keys of the key size, at most 2^31", () => {
  const space = (flags: GivenFlags) =>
    keysOf(put({ "sequential-keys": true, duration: "10s", ...flags })).keySpaceSize;
  assert.is(space({}), 2 ** 31);
  assert.is(space({ "key-size": "2" }), 65_536);
  assert.is(space({ "key-size": "2", "key-encoding": "varint" }), 8192);
  assert.is(space({ "key-size": "4", prefix: "ab" }), 65_536);
});

test("the error for a key too small for its key space names both flags and the fix", () => {
  refuses(
    () => put({ "key-size": "1", "key-space-size": "257" }),
    "--key-size=1",
    "--key-space-size",
    "--key-size=2",
    "at most 256 keys",
  );
  put({ "key-size": "1", "key-space-size": "256" });
  refuses(
    () => put({ "key-size": "1", "sequential-keys": true }),
    "--key-size=1",
    "--sequential-keys",
    "--total",
    "--key-size=2",
  );
  refuses(
    () => put({ "key-size": "1", "key-space-size": "65", "key-encoding": "varint" }),
    "--key-size=1",
    "--key-encoding=varint",
    "--key-size=2",
  );
  put({ "key-size": "1", "key-space-size": "64", "key-encoding": "varint" });
});

test("a prefix counts in UTF-8 bytes and must leave room for the index", () => {
  refuses(() => put({ prefix: "123456789" }), "--key-size=8", "--prefix", "--key-size=9");
  refuses(() => put({ prefix: "ééée" + "é", "key-space-size": "2" }), "--key-size=10", "--prefix");
  assert.is(keysOf(put({ prefix: "12345678" })).prefix, "12345678");
});

test.run();
