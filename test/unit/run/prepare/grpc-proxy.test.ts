/** Tests what is noted and refused where the load goes through etcd's grpc-proxy. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../../src/errors.ts";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import { prepareWorkload } from "../../../../src/run/prepare.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { startFakeEtcd } from "../../../peers/fake-etcd.ts";

const CACHED = /answers serializable reads from its cache/;
const PROXIED = /keeps each lease alive by itself/;

const header = { revision: "7" };

/** The notes on what a proxy, or a member, answers. */
async function notesOf(
  command: string,
  given: GivenFlags,
  isGrpcProxy = true,
  others: string[] = [],
) {
  let lease = 100;
  const etcd = await startFakeEtcd({
    Range: () => ({ header, kvs: [], count: "0", more: false }),
    Put: () => ({ header }),
    LeaseGrant: () => ({ ID: String(++lease), TTL: "60" }),
    LeaseRevoke: () => ({}),
  });
  try {
    const flags = { ...given, endpoints: etcd.endpoint };
    const { plan } = planFromFlags({ command, flags }, {});
    const target = {
      ...{ endpoints: [etcd.endpoint], clusterId: null, version: null, members: [], notes: [] },
      grpcProxies: isGrpcProxy ? [etcd.endpoint] : others,
    };
    const notes: string[] = [];
    const { cleanUp } = await prepareWorkload(plan, target, notes, { tls: null, tokens: null });
    await cleanUp?.();
    return [CACHED, PROXIED].map((note) => notes.filter((each) => note.test(each)).length);
  } finally {
    await etcd.stop();
  }
}

test("serializable reads through a grpc-proxy have a note, in every workload that sends them", async () => {
  assert.equal(await notesOf("range", { consistency: "s" }), [1, 0]);
  assert.equal(await notesOf("range", { consistency: "l,s" }), [1, 0]);
  assert.equal(await notesOf("range", { consistency: "l" }), [0, 0]);
  assert.equal(await notesOf("range", { consistency: "s" }, false), [0, 0]);
  assert.equal(await notesOf("mixed", { mix: "put=1,scan=1", consistency: "s" }), [1, 0]);
  assert.equal(await notesOf("mixed", { mix: "put=1,range=1" }), [0, 0]);
  assert.equal(await notesOf("watch-get", { consistency: "s" }), [1, 0]);
  assert.equal(await notesOf("kubernetes", { mix: "pod-get-stale=1,pod-get=1" }), [1, 0]);
  assert.equal(await notesOf("kubernetes", { mix: "pod-get=1" }), [0, 0]);
});

test("keep-alives through a grpc-proxy have a note, also those of availability", async () => {
  assert.equal(await notesOf("lease-keepalive", {}), [0, 1]);
  assert.equal(await notesOf("lease-keepalive", {}, false), [0, 0]);
  const rate = { rate: "100", total: "100" };
  const all = "put,range-serializable,lease-keepalive";
  assert.equal(await notesOf("availability", { ...rate, workload: all }), [1, 1]);
  assert.equal(await notesOf("availability", { ...rate, workload: "put" }), [0, 0]);
});

test("staleness is not measured through a grpc-proxy, whose cache it would measure", async () => {
  try {
    await notesOf("staleness", {});
    assert.unreachable();
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).exitCode, EXIT.usage);
    assert.match(
      (error as BenchError).message,
      /^staleness cannot be measured through etcd's grpc-proxy, .*: name the members with --endpoints$/,
    );
  }
  await notesOf("staleness", {}, false);
});

test("a proxy that was named has a note only where the load goes through it", async () => {
  assert.equal(await notesOf("range", { consistency: "s" }, false, ["127.0.0.1:1"]), [0, 0]);
});

test.run();
