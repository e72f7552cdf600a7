/** Tests set-up and warm-up: if one fails, the run fails with etcd's reason. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import type { OperationSpec, PhaseCounts, PhaseDoneMessage } from "../../../src/load/messages.ts";
import { pathReads, WarmUp } from "../../../src/run/warm-up.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";

const FILL = { series: ["fill"], kind: "put", setUpRequests: 20, isOutsideClock: true };
const PUT = { series: ["put"], kind: "put" };

const counts = (succeeded: number, failed: number, code = "", message = ""): PhaseCounts => {
  return { succeeded, failed, errors: failed > 0 ? [{ code, message, count: failed }] : [] };
};

/** A warm-up of two workers, which each report `ofWorker` for every phase. */
function warmUpOf(ofWorker: PhaseCounts, isOver = () => false, dropped = 0) {
  const notes: string[] = [];
  const each = {
    ...{ started: ofWorker.succeeded + ofWorker.failed, dropped, unmeasured: ofWorker },
  } as PhaseDoneMessage;
  const warmUp = new WarmUp({
    plan: planFixture({ limits: { warmupRequests: 10 } }),
    operations: [FILL, PUT] as unknown as OperationSpec[],
    lead: async ({ isMeasured }) => {
      assert.is(isMeasured, false, "what is sent before the clock starts is in no figure");
      return [each, each];
    },
    isOver,
    notes,
  });
  return { warmUp, notes };
}

test("the warm-up of the connections is proportional to the run, and every client sends", () => {
  const readsOf = (clients: number, connections: number, totalRequests: number | null) =>
    pathReads(planFixture({ load: { clients, connections }, limits: { totalRequests } }));
  assert.is(readsOf(1, 1, null), 1_000);
  assert.is(readsOf(100, 10, null), 2_000);
  assert.is(readsOf(5_000, 10, null), 20_000);
  assert.is(readsOf(1_000, 100, 1_000_000), 20_000);
  assert.is(readsOf(1_000, 100, 2_000), 2_000);
  assert.is(readsOf(1_000, 100, 10), 1_000);
  assert.is(readsOf(1, 1, 1), 20);
  assert.is(readsOf(1, 50, 1), 50);
});

async function failureOf(work: Promise<void>): Promise<BenchError> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, BenchError);
    return error as BenchError;
  }
  throw new Error("it did not fail");
}

test("one failed put of the set-up fails the run, with etcd's message and the matching exit code", async () => {
  for (const [code, message, exitCode, fix] of [
    ["INVALID_ARGUMENT", "etcdserver: request is too large", EXIT.usage, /--val-size/],
    ["RESOURCE_EXHAUSTED", "grpc: received message larger than max (3 vs. 2)", EXIT.usage, /--val/],
    ["RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded", EXIT.failed, /defragment/],
    ["PERMISSION_DENIED", "etcdserver: permission denied", EXIT.usage, /role/],
    [
      "PERMISSION_DENIED",
      'HTTP status 403 from the server "x"',
      EXIT.unreachable,
      /gateway before/,
    ],
    ["UNAUTHENTICATED", "HTTP status 401", EXIT.unreachable, /gateway before/],
    ["PERMISSION_DENIED", "RBAC: access denied", EXIT.unreachable, /gateway before/],
    ["UNAUTHENTICATED", "etcdserver: invalid auth token", EXIT.usage, /user/],
    ["UNAVAILABLE", "HTTP status 503", EXIT.unreachable, /is up/],
    ["UNAVAILABLE", "connect ECONNREFUSED", EXIT.unreachable, /is up/],
    ["DEADLINE_EXCEEDED", "no answer within the timeout", EXIT.unreachable, /is up/],
    ["INTERNAL", "odd", EXIT.failed, /cluster/],
  ] as const) {
    const { warmUp, notes } = warmUpOf(counts(9, 1, code, message));
    const error = await failureOf(warmUp.setUp("after-warmup"));
    const start = `the keys of the run could not be made ready: 2 of 20 puts failed: ${code}: ${message}; `;
    assert.ok(error.message.startsWith(start), error.message);
    assert.match(error.message, fix);
    assert.is(error.exitCode, exitCode, code);
    assert.equal(notes, []);
  }
});

test("puts of the set-up that a lost agent left undone fail the run", async () => {
  const { warmUp, notes } = warmUpOf(counts(9, 0), () => false, 1);
  const error = await failureOf(warmUp.setUp("after-warmup"));
  assert.match(error.message, /^the keys of the run .*: 2 of 20 puts were left to an agent that/);
  assert.equal(notes, []);
});

test("an interrupted set-up is no failure", async () => {
  let isOver = false;
  const { warmUp, notes } = warmUpOf(counts(3, 2, "CANCELLED", "the run ended"), () => isOver);
  const ended = warmUp.setUp("after-warmup");
  isOver = true;
  await ended;
  assert.equal(notes, []);
});

test("a warm-up without a success fails the run, and one with some failures adds a note", async () => {
  const dead = warmUpOf(counts(0, 5, "UNAVAILABLE", "etcdserver: no leader"));
  for (const work of [() => dead.warmUp.warmPath(), () => dead.warmUp.warmWorkload()]) {
    const error = await failureOf(work());
    assert.match(error.message, /10 of 10 \w+ failed: UNAVAILABLE: etcdserver: no leader/);
    assert.is(error.exitCode, EXIT.unreachable);
  }
  const half = warmUpOf(counts(5, 5, "UNAVAILABLE", "etcdserver: no leader"));
  await half.warmUp.warmPath();
  await half.warmUp.warmWorkload();
  for (const note of half.notes) {
    assert.match(note, / 10 of them failed: UNAVAILABLE: etcdserver: no leader\.$/);
  }
  assert.is(half.notes.length, 2);
});

test("requests that etcd denies to the user still warm the connections", async () => {
  // etcd's grpc-proxy passes the denial on as UNKNOWN.
  for (const code of ["PERMISSION_DENIED", "UNKNOWN"]) {
    const { warmUp, notes } = warmUpOf(counts(0, 5, code, "etcdserver: permission denied"));
    await warmUp.warmPath();
    assert.match(notes[0]!, /they are in no figure\.$/);
  }
});

test("requests that a gateway before etcd turned away warm no connection", async () => {
  for (const words of ["HTTP status 403", "RBAC: access denied"]) {
    const { warmUp } = warmUpOf(counts(0, 5, "PERMISSION_DENIED", words));
    const error = await failureOf(warmUp.warmPath());
    assert.match(error.message, new RegExp(`${words}; name etcd's client port`));
    assert.is(error.exitCode, EXIT.unreachable);
  }
});

test.run();
