/** Tests the flags for endpoints, local clusters, connections and the gateway. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { refuses } from "../../harness/refusal.ts";
import { put, range } from "./planned-runs.ts";

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

test("metrics endpoints are read with and without a scheme", () => {
  const { target } = put({ "metrics-endpoints": "http://a:1,b:2" }).plan;
  assert.equal(target.metricsEndpoints, ["http://a:1", "http://b:2"]);
  refuses(() => put({ "metrics-endpoints": "a" }), "--metrics-endpoints");
});

test("flags without effect give a note, not an error", () => {
  assert.match(put({ etcd: "somewhere" }).notes[0]!, /^--etcd has no effect without --local/);
  assert.match(range({ "val-size": "9" }, "foo").notes[0]!, /^--val-size has no effect/);
  assert.match(range({}, "b", "a").notes[0]!, /the range is empty/);
});

test("more connections than clients give a note with the number of idle ones", () => {
  const { plan, notes } = put({ conns: "10", clients: "4" });
  assert.is(plan.load.connections, 10);
  assert.is(notes.length, 1);
  assert.match(notes[0]!, /--conns=10 .* --clients=4: 6 connections stay idle/);
  const [one] = put({ conns: "2", clients: "1" }).notes;
  assert.match(one!, /--conns=2 .* --clients=1: 1 connection stays idle/);
});

test("a value above etcd's request limit gives a note that names --max-request-bytes", () => {
  assert.equal(put({ "val-size": "1.5MiB" }).notes, []);
  const { notes } = put({ "val-size": "2MiB" });
  assert.is(notes.length, 1);
  assert.match(notes[0]!, /--val-size=2MiB .*--max-request-bytes/);
});

test("more workers than connections or clients are refused with the fix", () => {
  refuses(() => put({ workers: "4", clients: "8" }), "--workers=4", "--conns=4");
  refuses(() => put({ workers: "4", conns: "8", clients: "2" }), "--workers=4", "--clients=4");
  assert.is(put({ workers: "4", conns: "4", clients: "8" }).plan.load.workers, 4);
});

test("--grpc-proxy needs a throwaway cluster, and excludes --target-leader and the gateway", () => {
  const proxied = { local: "3", "grpc-proxy": true };
  assert.is(put(proxied).plan.target.local?.grpcProxy, true);
  assert.is(put({ local: "3" }).plan.target.local?.grpcProxy, false);
  refuses(() => put({ "grpc-proxy": true }), "--grpc-proxy", "--local", "--endpoints");
  refuses(() => put({ ...proxied, "target-leader": true }), "--grpc-proxy", "--target-leader");
  refuses(() => put({ ...proxied, transport: "gateway" }), "--grpc-proxy", "--transport=gateway");
});

test("through the gateway each client has its own connection, and only put and range run", () => {
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

test.run();
