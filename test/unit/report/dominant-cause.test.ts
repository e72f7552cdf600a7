/** The line about the main part of the latency: only where the result proves it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dominantLine } from "../../../src/report/dominant-cause.ts";
import type { EtcdEvent, OperationResult, RunResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  latencyFixture,
  type Overrides,
  operationFixture,
  planFixture,
  rangeResultFixture,
  resultFixture,
  serverFixture,
} from "../../fixtures/result-fixture.ts";

/** Puts with a mean of 10 ms on one member, without a known cause of it. */
function putsOf(
  server: Parameters<typeof serverFixture>[0],
  operation: Overrides<OperationResult> = {},
  overrides: Overrides<RunResult> = {},
): string | null {
  const serviceTime = latencyFixture({ meanMs: 10, p99Ms: 30 });
  const operations = [operationFixture({ serviceTime, ...operation })];
  return dominantLine(resultFixture({ operations, server: [serverFixture(server)], ...overrides }));
}

test("without a part that is most of the latency there is no line", () => {
  assert.is(putsOf({}), null);
  assert.is(putsOf({ walFsyncMeanMs: 4.9 }), null);
  assert.is(putsOf({ walFsyncMeanMs: null, walFsyncSeconds: null, cpuPercent: null }), null);
  assert.is(dominantLine(resultFixture()), null);
});

test("fsync is named where the leader's mean is half of the latency, or its log is busy", () => {
  assert.is(
    putsOf({ walFsyncMeanMs: 7.2 }),
    "Latency of put: mostly WAL fsync of m1, 7.20 ms of 10.0 ms in the mean",
  );
  assert.is(
    putsOf({ walFsyncMeanMs: 1.5, walFsyncSeconds: 2.2 }),
    "Latency of put: mostly WAL fsync of m1, which took 88% of the time, 1.50 ms each in the mean",
  );
  // More than the whole latency: that mean is of something else.
  assert.is(putsOf({ walFsyncMeanMs: 14 }), null);
});

test("backend commits and the peers' round trip are named likewise, the larger share first", () => {
  assert.match(
    putsOf({ backendCommitSeconds: 2 })!,
    /mostly backend commits of m1, which took 80%/,
  );
  assert.match(
    putsOf({ backendCommitSeconds: 2, walFsyncMeanMs: 9.5 })!,
    /mostly WAL fsync of m1, 9\.50 ms of 10\.0 ms/,
  );
  const serviceTime = latencyFixture({ meanMs: 10 });
  const members = ["m1", "m2", "m3"];
  const cluster = resultFixture({
    operations: [operationFixture({ serviceTime })],
    server: members.map((member) => serverFixture({ member, peerRoundTripMeanMs: 8 })),
  });
  assert.is(
    dominantLine(cluster),
    "Latency of put: mostly the round trip from m2 to its peers, 8.00 ms of 10.0 ms in the mean",
  );
  // One member has no peers.
  assert.is(putsOf({ peerRoundTripMeanMs: 8 }), null);
});

test("reads do not wait for log commits, and after a leader change no member led all the time", () => {
  const slow = { walFsyncMeanMs: 20, walFsyncSeconds: 2.4 };
  const range = rangeResultFixture(["linearizable"], { server: [serverFixture(slow)] });
  assert.is(dominantLine(range), null);
  assert.is(putsOf({ walFsyncMeanMs: 7.2, leaderChanges: 1 }), null);
});

test("CPU is named for an etcd on this machine that left no CPU idle", () => {
  const environment = { cpus: 4 };
  const machine = (idleCpuPercent: number) => ({
    ...{ environment, machine: { ...resultFixture().machine!, idleCpuPercent } },
  });
  assert.is(
    putsOf({ cpuPercent: 240 }, {}, machine(3)),
    "Latency of put: mostly CPU: etcd took 60% of the machine, and 3.0% was idle",
  );
  assert.is(putsOf({ cpuPercent: 240 }, {}, machine(30)), null);
  assert.is(putsOf({ cpuPercent: 60 }, {}, machine(3)), null);
  assert.is(putsOf({ cpuPercent: 240, endpoint: "10.0.0.7:2379" }, {}, machine(3)), null);
});

test("slow applies are named where they may be the slowest hundredth", () => {
  const serviceTime = latencyFixture({ meanMs: 10, p99Ms: 130, count: 1_000 });
  assert.is(
    putsOf({ slowApplies: 12 }, { serviceTime }),
    "Latency of put: mostly applies: 12 took longer than 100 ms",
  );
  assert.is(putsOf({ slowApplies: 9 }, { serviceTime }), null);
});

test("the client is named by the verdict, and the wait for a free client before causes in etcd", () => {
  const verdict = { kind: "client-limited" as const, reasons: ["busy"] };
  assert.is(
    putsOf({ walFsyncMeanMs: 7.2 }, {}, { verdict }),
    "Latency of put: the client's own lateness is in it, see the verdict",
  );
  const responseTime = latencyFixture({ meanMs: 90 });
  assert.is(
    putsOf({ walFsyncMeanMs: 7.2 }, { responseTime }),
    "Latency of put: mostly the wait for a free client, 80.0 ms of 90.0 ms in the mean response time; " +
      "of the service time mostly WAL fsync of m1, 7.20 ms of 10.0 ms in the mean",
  );
});

test("what was sent late although a client was free did not wait for one", () => {
  const lineOf = (dispatchLagTotalMs: number | null) =>
    putsOf(
      { walFsyncMeanMs: null },
      {
        serviceTime: latencyFixture({ meanMs: 1, count: 100 }),
        responseTime: latencyFixture({ meanMs: 4, count: 100 }),
      },
      { client: { dispatchLagTotalMs } },
    );
  assert.match(lineOf(0)!, /mostly the wait for a free client, 3\.00 ms of 4\.00 ms in the mean/);
  assert.match(lineOf(90)!, /mostly the wait for a free client, 2\.10 ms of 4\.00 ms/);
  assert.is(lineOf(101), null);
  assert.is(lineOf(null), null, "older results do not have it");
});

const PAUSE: EtcdEvent = {
  ...{ kind: "pause", text: "pause leader", member: "m1", revision: null },
  ...{ startSeconds: 1, durationSeconds: 0.5, error: null },
};

test("an event is named if p99 without its requests is half or less", () => {
  const side = (p99Ms: number) => ({
    ...{ failed: 0, serviceTime: latencyFixture({ p99Ms }), responseTime: null },
  });
  const lineOf = (outsideMs: number) =>
    putsOf(
      { walFsyncMeanMs: 7.2 },
      { moments: { during: side(480), outside: side(outsideMs) } },
      { moments: [PAUSE] },
    );
  assert.is(
    lineOf(12),
    "Latency of put: the tail comes from pause leader (m1): p99 30.0 ms of all requests, 480 ms during it, 12.0 ms outside",
  );
  assert.match(lineOf(25)!, /mostly WAL fsync/);
});

test("an unplanned leader change is named if all other seconds were twice as fast", () => {
  const [interval] = operationFixture().intervals;
  const change: EtcdEvent = { ...PAUSE, kind: "leader-change", text: null, startSeconds: 1.6 };
  const lineOf = (othersMs: number) => {
    const intervals = [othersMs, 1_200, othersMs, othersMs].map((maxMs, startSeconds) => ({
      ...{ ...interval!, startSeconds, maxMs },
    }));
    return putsOf({}, { intervals }, { moments: [{ ...change, durationSeconds: null }] });
  };
  assert.is(
    lineOf(40),
    "Latency of put: the tail comes from a leader change at 1.6 s: up to 1.20 s around it, 40.0 ms in all other seconds",
  );
  assert.is(lineOf(900), null);
});

test("seconds in which requests failed are no fast ones", () => {
  const [interval] = operationFixture().intervals;
  const change: EtcdEvent = { ...PAUSE, kind: "leader-change", text: null, startSeconds: 1.6 };
  const lineOf = (failedAt: number) => {
    const intervals = [40, 1_200, 40, 40, 40].map((maxMs, startSeconds) => ({
      ...{ ...interval!, startSeconds, maxMs },
      ...(startSeconds === failedAt && { failed: 1, maxMs: null, atLeast: { maxMs: 2_000 } }),
    }));
    return putsOf({}, { intervals }, { moments: [{ ...change, durationSeconds: null }] });
  };
  assert.is(lineOf(4), null);
  assert.is(
    lineOf(1),
    "Latency of put: the tail comes from a leader change at 1.6 s: at least 2.00 s around it, 40.0 ms in all other seconds",
  );
});

test("table, summary, markdown and page have the line, and a published result has none", () => {
  const serviceTime = latencyFixture({ meanMs: 10 });
  const result = resultFixture({
    plan: planFixture(),
    operations: [operationFixture({ serviceTime })],
    server: [serverFixture({ walFsyncMeanMs: 7.2 })],
  });
  for (const name of ["table", "summary", "markdown", "html"]) {
    const text = formatNamed(name).render([result], { color: false, widthColumns: null });
    assert.match(text, /Latency of put: mostly WAL fsync of m1/, name);
  }
  assert.is(dominantLine({ ...result, origin: "published" }), null);
});

test.run();
