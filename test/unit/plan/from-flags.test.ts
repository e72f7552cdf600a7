/** Flags to run plans: upstream's defaults, our rules, and every refusal. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import type { PlannedRun } from "../../../src/plan/from-flags.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { keyArguments } from "../../fixtures/arguments.ts";
import { refuses } from "../../harness/refusal.ts";

function put(flags: GivenFlags = {}, env: NodeJS.ProcessEnv = {}): PlannedRun {
  const planned = planFromFlags({ command: "put", flags }, env);
  assert.equal(runPlanSchema.parse(planned.plan), planned.plan);
  return planned;
}

function range(flags: GivenFlags = {}, key: string | null = null, end: string | null = null) {
  const planned = planFromFlags({ command: "range", flags, args: keyArguments(key, end) }, {});
  assert.equal(runPlanSchema.parse(planned.plan), planned.plan);
  return planned;
}

const keysOf = ({ plan }: PlannedRun) => (plan.workload as PutWorkload).keys;

test("put without flags has upstream's defaults and ours, all written in", () => {
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
    judge: { maxErrorRate: 0, thresholds: [], strict: false, checkHashKv: false },
    maintenance: { compaction: null, defragmentation: null, events: [] },
    search: null,
    labels: {},
    cleanup: false,
  });
});

test("range without flags or key reads a key of its own, linearizably, 10,000 times", () => {
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

test("every consistency is understood in both spellings, in the order given", () => {
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

test("a duration alone lifts the default total, and with a total both stand", () => {
  assert.equal(put({ duration: "10s" }).plan.limits.totalRequests, null);
  assert.is(put({ duration: "10s" }).plan.limits.durationMs, 10_000);
  const both = put({ duration: "1m30s", total: "5k" }).plan.limits;
  assert.is(both.totalRequests, 5000);
  assert.is(both.durationMs, 90_000);
});

test("a warm-up is a time or a number of requests, and 0 is none", () => {
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

test("arrival and pacing without a rate are noted", () => {
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

test("sequential keys of a named key space are as upstream, without a note", () => {
  const planned = put({ "sequential-keys": true, "key-space-size": "1" });
  assert.is(keysOf(planned).keySpaceSize, 1);
  assert.equal(planned.notes, []);
});

test("sequential keys of a run without a total take what the key size holds, at most 2^31", () => {
  const space = (flags: GivenFlags) =>
    keysOf(put({ "sequential-keys": true, duration: "10s", ...flags })).keySpaceSize;
  assert.is(space({}), 2 ** 31);
  assert.is(space({ "key-size": "2" }), 65_536);
  assert.is(space({ "key-size": "2", "key-encoding": "varint" }), 8192);
  assert.is(space({ "key-size": "4", prefix: "ab" }), 65_536);
});

test("a key too small for its key space names both flags and the mend", () => {
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

test("a prefix counts in bytes of UTF-8 and must leave room for the index", () => {
  refuses(() => put({ prefix: "123456789" }), "--key-size=8", "--prefix", "--key-size=9");
  refuses(() => put({ prefix: "ééée" + "é", "key-space-size": "2" }), "--key-size=10", "--prefix");
  assert.is(keysOf(put({ prefix: "12345678" })).prefix, "12345678");
});

test("endpoints come from the flag, else from ETCDCTL_ENDPOINTS, else upstream's default", () => {
  const env = { ETCDCTL_ENDPOINTS: "http://127.0.0.1:1234,localhost:5678" };
  assert.equal(put({}, env).plan.target.endpoints, ["127.0.0.1:1234", "localhost:5678"]);
  assert.equal(put({ endpoints: "a:1" }, env).plan.target.endpoints, ["a:1"]);
  assert.equal(put({}, { ETCDCTL_ENDPOINTS: "" }).plan.target.endpoints, ["127.0.0.1:2379"]);
  refuses(() => put({}, { ETCDCTL_ENDPOINTS: "nonsense::" }), "ETCDCTL_ENDPOINTS");
  refuses(() => put({ endpoints: "" }), "--endpoints");
  refuses(() => put({ endpoints: "a:1,b" }), "--endpoints");
});

test("a local cluster has 1, 3 or 5 members, and no endpoints before it has started", () => {
  for (const members of [1, 3, 5] as const) {
    const { target } = put({ local: String(members) }, { ETCDCTL_ENDPOINTS: "a:1" }).plan;
    assert.equal(target.local, {
      members,
      tls: false,
      auth: null,
      grpcProxy: false,
      proxied: false,
      serverArgs: [],
    });
    assert.equal(target.endpoints, []);
  }
  for (const wrong of ["0", "2", "7", "", "-1", "three", "1.0"]) {
    refuses(() => put({ local: wrong }), "--local", JSON.stringify(wrong), "--local=3");
  }
});

test("a local cluster and named endpoints exclude each other", () => {
  refuses(() => put({ local: "1", endpoints: "a:1" }), "--local", "--endpoints");
  refuses(() => put({ local: "1", "metrics-endpoints": "a:1" }), "--local", "--metrics-endpoints");
});

test("metrics endpoints are taken with and without a scheme", () => {
  const { target } = put({ "metrics-endpoints": "http://a:1,b:2" }).plan;
  assert.equal(target.metricsEndpoints, ["http://a:1", "http://b:2"]);
  refuses(() => put({ "metrics-endpoints": "a" }), "--metrics-endpoints");
});

test("what cannot take effect is noted and the run goes on", () => {
  assert.match(put({ etcd: "somewhere" }).notes[0]!, /^--etcd has no effect without --local/);
  assert.match(range({ "val-size": "9" }, "foo").notes[0]!, /^--val-size has no effect/);
  assert.match(range({}, "b", "a").notes[0]!, /the range is empty/);
});

test("more connections than clients is a note that counts the idle ones", () => {
  const { plan, notes } = put({ conns: "10", clients: "4" });
  assert.is(plan.load.connections, 10);
  assert.is(notes.length, 1);
  assert.match(notes[0]!, /--conns=10 .* --clients=4: 6 connections stay idle/);
});

test("a value above etcd's request limit is a note that names --max-request-bytes", () => {
  assert.equal(put({ "val-size": "1.5MiB" }).notes, []);
  const { notes } = put({ "val-size": "2MiB" });
  assert.is(notes.length, 1);
  assert.match(notes[0]!, /--val-size=2MiB .*--max-request-bytes/);
});

test("more workers than connections or clients is refused with the mend", () => {
  refuses(() => put({ workers: "4", clients: "8" }), "--workers=4", "--conns=4");
  refuses(() => put({ workers: "4", conns: "8", clients: "2" }), "--workers=4", "--clients=4");
  assert.is(put({ workers: "4", conns: "4", clients: "8" }).plan.load.workers, 4);
});

test("a grpc-proxy is started before a throwaway etcd, and takes neither a leader nor a gateway", () => {
  const proxied = { local: "3", "grpc-proxy": true };
  assert.is(put(proxied).plan.target.local?.grpcProxy, true);
  assert.is(put({ local: "3" }).plan.target.local?.grpcProxy, false);
  refuses(() => put({ "grpc-proxy": true }), "--grpc-proxy", "--local", "--endpoints");
  refuses(() => put({ ...proxied, "target-leader": true }), "--grpc-proxy", "--target-leader");
  refuses(() => put({ ...proxied, transport: "gateway" }), "--grpc-proxy", "--transport=gateway");
});

test("through the gateway each client has a connection, and only puts and ranges are sent", () => {
  const gateway = { transport: "gateway", clients: "4" };
  const connections = (flags: GivenFlags) => put({ ...gateway, ...flags }).plan.load.connections;
  assert.is(connections({}), 4);
  assert.is(connections({ conns: "4" }), 4);
  assert.is(connections({ conns: "6" }), 6);
  assert.is(connections({ workers: "3" }), 4);
  refuses(() => put({ ...gateway, conns: "3" }), "--conns=3", "--conns=4", "--clients=4");
  const lock = () => planFromFlags({ command: "lock", flags: { transport: "gateway" } }, {});
  refuses(lock, "--transport=gateway", "lock", "put or range");
  refuses(() => range({ ...gateway, stream: true }, "k"), "--stream", "--transport=gateway");
});

test("the error rate is a share or per cent", () => {
  assert.is(put({ "max-error-rate": "1%" }).plan.judge.maxErrorRate, 0.01);
  assert.is(put({ "max-error-rate": "0.01" }).plan.judge.maxErrorRate, 0.01);
  for (const wrong of ["-1", "2", "101%", "some", ""]) {
    refuses(() => put({ "max-error-rate": wrong }), "--max-error-rate", JSON.stringify(wrong));
  }
});

test("a search has its limits, steps by default, and a verification of 30 s", () => {
  const { plan, notes } = put({ "find-max": ["p99<20ms", "errors<1%"], clients: "50" });
  assert.equal(notes, []);
  const { limits, ...rest } = plan.search!;
  assert.equal(
    limits.map(({ expression }) => expression),
    ["p99<20ms", "errors<1%"],
  );
  assert.equal(rest, { startRatePerSec: 1_000, precision: 0.05, stepDurationMs: 5_000 });
  assert.is(plan.pacing.ratePerSec, 1_000);
  assert.equal([plan.limits.totalRequests, plan.limits.durationMs], [null, 30_000]);
  assert.is(plan.judge.maxErrorRate, 0.01, "what the search allows is no failure");
  assert.is(put({ "find-max": ["errors<1%"], "max-error-rate": "0" }).plan.judge.maxErrorRate, 0);
  const own = put({
    "find-max": ["p99.9<1s"],
    "find-start": "10k",
    "find-step-duration": "500ms",
    "find-precision": "10%",
    duration: "1m",
    arrival: "poisson",
    clients: "2",
  });
  assert.equal(own.notes, []);
  assert.is(own.plan.limits.durationMs, 60_000);
  const { limits: _, ...settings } = own.plan.search!;
  assert.equal(settings, { startRatePerSec: 10_000, precision: 0.1, stepDurationMs: 500 });
});

test("a search by one client, and its flags without one, are noted", () => {
  assert.match(
    put({ "find-max": ["p99<20ms"] }).notes[0]!,
    /^--find-max with one client .*--clients/,
  );
  for (const [name, text] of [
    ["find-start", "1"],
    ["find-step-duration", "1s"],
    ["find-precision", "1%"],
  ] as const) {
    assert.match(put({ [name]: text }).notes[0]!, new RegExp(`^--${name} has no effect`));
  }
});

test("a search for what no rate decides, or beside a rate or total, is refused", () => {
  for (const wrong of ["qps>1000", "qps<5", "p99>20ms", "errors>=1%", "nonsense", "p99<20"]) {
    refuses(() => put({ "find-max": [wrong] }), "--find-max", JSON.stringify(wrong));
  }
  const find = { "find-max": ["p99<20ms"] };
  refuses(() => put({ ...find, rate: "10" }), "--find-max", "--rate", "--find-start");
  refuses(() => put({ ...find, total: "10" }), "--find-max", "--total", "--duration");
  for (const [name, ...values] of [
    ["find-start", "0", "-1", "x", "0.5"],
    ["find-step-duration", "5", "1ms", "0s", "2h"],
    ["find-precision", "0", "0.1%", "60%", "x"],
  ] as const) {
    for (const value of values) {
      refuses(() => put({ ...find, [name]: value }), `--${name}: `, JSON.stringify(value));
    }
  }
});

test("all thresholds stand in the plan, in order", () => {
  const { thresholds } = put({ threshold: ["p99<20ms", "qps>10k"] }).plan.judge;
  assert.equal(
    thresholds.map((each) => [each.expression, each.bound]),
    [
      ["p99<20ms", 20],
      ["qps>10k", 10_000],
    ],
  );
});

const wrongValues: [keyof GivenFlags, string[]][] = [
  ["conns", ["0", "-1", "1.5", "x", "", "100001", "1e3", "99999999999999999999"]],
  ["clients", ["0", "-1", "0.5", "x", "", "1000001"]],
  ["workers", ["0", "-2", "1.1", "x", "1025"]],
  ["total", ["0", "-5", "2.5", "many", "", "9007199254740992"]],
  ["duration", ["0s", "-1s", "10", "1d", "", "501h", "1ns"]],
  ["timeout", ["0ms", "-1s", "10", "", "61m"]],
  ["dial-timeout", ["-1s", "10", "", "61m", "1us"]],
  ["auto-sync-interval", ["-1s", "10", "", "x"]],
  ["rate", ["-1", "x", "", "10000001", "1/y"]],
  ["seed", ["-1", "1.5", "4294967296", "x", ""]],
  ["key-size", ["0", "-8", "1.5", "2MiB", "x", ""]],
  ["val-size", ["-1", "1.5", "1GiB", "x", ""]],
  ["key-space-size", ["0", "-1", "1.5", "9007199254740992", "x", ""]],
  ["key-encoding", ["", "hex", "FIXED"]],
  ["transport", ["", "http", "grpc"]],
  ["arrival", ["", "random"]],
  ["pacing", ["", "sleep"]],
];

for (const [flag, values] of wrongValues) {
  test(`--${flag} refuses what it cannot use in one line with an example`, () => {
    for (const value of values) {
      refuses(() => put({ [flag]: value }), `--${flag}: `, JSON.stringify(value), `--${flag}=`);
    }
  });
}

test("a malformed threshold is refused", () => {
  refuses(() => put({ threshold: ["p99<20ms", "nonsense"] }), "--threshold", "nonsense");
});

test("a range of a prefix is of all keys without one, and has no end", () => {
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

test("what the answers of a range hold is limited as upstream, and sorted", () => {
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

test("upstream's durations of nothing and of something are taken, the second with a note", () => {
  assert.is(put({ "dial-timeout": "0" }).plan.load.dialTimeoutMs, null);
  assert.is(put({ "dial-timeout": "0s" }).plan.load.dialTimeoutMs, null);
  assert.is(put({ "dial-timeout": "2s" }).plan.load.dialTimeoutMs, 2_000);
  assert.equal(put({ "auto-sync-interval": "0s" }).notes, []);
  const { notes } = put({ "auto-sync-interval": "30s" });
  assert.is(notes.length, 1);
  assert.match(notes[0]!, /^--auto-sync-interval has no effect/);
});

test("an empty key is refused, an empty end is none", () => {
  refuses(() => range({}, ""), "key is empty");
  assert.equal(range({}, "a", "").plan, range({}, "a").plan);
});

test.run();
