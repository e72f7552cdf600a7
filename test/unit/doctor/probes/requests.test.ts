/** The probes that send requests, with a fake etcd that stores puts. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { OPEN_ACCESS } from "../../../../src/access/access.ts";
import { CANARY_KINDS } from "../../../../src/doctor/probes/canary-member.ts";
import { type ProbeOptions, probeRequests } from "../../../../src/doctor/probes/probes.ts";
import { startFakeEtcd } from "../../../../src/fake-etcd/server.ts";
import type { RunPlan } from "../../../../src/plan/schema.ts";
import { patient } from "../../../harness/patience.ts";
import { withRefusingGateway } from "../../../peers/refusing-gateway.ts";

const NOBODY = "127.0.0.1:1";

function optionsFor(endpoints: readonly string[], durationMs: number): ProbeOptions {
  return {
    level: "light",
    members: endpoints.map((endpoint, at) => ({ name: `m${at + 1}`, endpoint })),
    target: { endpoints: [...endpoints] } as RunPlan["target"],
    access: OPEN_ACCESS,
    dataDirs: [],
    durationMs,
    prefix: "bench-doctor/",
    signal: new AbortController().signal,
  };
}

/** Probes in a window long enough for every kind of request, also on a starved machine. */
async function probedInFull(endpoints: readonly string[]) {
  for (let durationMs = patient(1_500); ; durationMs *= 4) {
    const probes = await probeRequests(optionsFor(endpoints, durationMs));
    const seen = probes.canary!.members.flatMap(({ latency }) => Object.values(latency ?? {}));
    const isFull = seen.length > 0 && seen.every(({ count, failed }) => count + failed > 0);
    if (isFull || durationMs > 20_000) return probes;
  }
}

test("each kind of request is measured at each member, and watchers get events of all puts", async () => {
  const fake = await startFakeEtcd(null);
  fake.begin(true);
  try {
    const endpoint = `127.0.0.1:${fake.port}`;
    const endpoints = [endpoint, endpoint.replace("127.0.0.1", "localhost")];
    const { canary, roundTrips } = await probedInFull(endpoints);
    assert.is(canary!.fault, null);
    assert.ok(canary!.isCleanedUp);
    for (const { latency } of canary!.members) {
      for (const kind of CANARY_KINDS) {
        const { count, failed, faults } = latency![kind];
        assert.ok(count > 0 && failed === 0, `${kind}: ${count}, ${failed} ${faults.join()}`);
      }
    }
    const [one, other] = canary!.members;
    const puts = one!.latency!.write.count + other!.latency!.write.count;
    assert.is(one!.latency!.watchEvent.count, puts);
    assert.ok(roundTrips[0]!.tcpConnect.count > 0);
    // This fake has no Status: a request that fails is counted, with its reason.
    const { status } = roundTrips[0]!;
    assert.is(status!.count, 0);
    assert.match(status!.faults[0]!, /UNIMPLEMENTED/);
  } finally {
    await fake.close();
  }
});

test("requests that were due while this process was blocked do not count against a member", async () => {
  const fake = await startFakeEtcd(null);
  fake.begin(true);
  const standstills = setInterval(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 350);
  }, 650);
  try {
    const { canary } = await probedInFull([`127.0.0.1:${fake.port}`]);
    for (const kind of CANARY_KINDS) {
      const { count, failed, faults } = canary!.members[0]!.latency![kind];
      assert.ok(count > 0 && failed === 0, `${kind}: ${count}, ${failed} ${faults.join()}`);
    }
  } finally {
    clearInterval(standstills);
    await fake.close();
  }
});

test("a member that cannot be reached is reported, and the others are probed", async () => {
  const fake = await startFakeEtcd(null);
  fake.begin(true);
  try {
    const probes = await probeRequests(
      optionsFor([NOBODY, `127.0.0.1:${fake.port}`], patient(1_000)),
    );
    const [gone, there] = probes.canary!.members;
    assert.is(gone!.latency, null);
    assert.ok(there!.latency!.write.count > 0);
    assert.match(probes.roundTrips[0]!.fault!, /ECONNREFUSED/);
    assert.is(probes.roundTrips[0]!.status, null);
    assert.match(probes.roundTrips[0]!.tcpConnect.faults[0]!, /ECONNREFUSED/);
    assert.equal(probes.clocks[0], { member: "m1", leastMs: null, mostMs: null });
  } finally {
    await fake.close();
  }
});

test("at the level none no requests are sent, and an abort ends the probes", async () => {
  const none = await probeRequests({ ...optionsFor([NOBODY], 60_000), level: "none" });
  assert.is(none.canary, null);
  const abort = new AbortController();
  abort.abort();
  const { canary } = await probeRequests({ ...optionsFor([NOBODY], 60_000), signal: abort.signal });
  assert.is(canary!.fault, "no member could be reached");
});

test("requests that a gateway before etcd refuses are reported as the gateway's", () =>
  withRefusingGateway({ status: 7, message: "RBAC: access denied" }, async (endpoint) => {
    const { canary } = await probeRequests(optionsFor([endpoint], 200));
    assert.is(canary!.isOfGateway, true);
    assert.match(
      canary!.fault!,
      /^"envoy" answers LeaseGrant in place of etcd, with gRPC status 7/,
    );
  }));

test.run();
