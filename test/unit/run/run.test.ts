/** Tests a whole run against a fake etcd with scripted answers. */
import { createServer } from "node:http";
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Access } from "../../../src/access/access.ts";
import { BenchError } from "../../../src/errors.ts";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import { operation } from "../../../src/load/load.ts";
import type { RunPlan } from "../../../src/plan/schema.ts";
import type { Prepared } from "../../../src/run/prepare.ts";
import type { RunControls } from "../../../src/run/progress.ts";
import { measure, run } from "../../../src/run/run.ts";
import type { PutSpec } from "../../../src/workloads/put/load.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { type Overrides, planFixture } from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { type Answer, startFakeEtcd } from "../../peers/fake-etcd.ts";

const header = { revision: "7", memberId: "1", clusterId: "1" };
const LOAD = { connections: 1, clients: 2 };
const LIMITS = { totalRequests: 20 };

const ANSWERS: Record<string, Answer> = {
  Range: () => ({ header, kvs: [], count: "0", more: false }),
  Put: () => ({ header }),
  Txn: () => ({ header, succeeded: true, responses: [] }),
};

function planOf(endpoint: string, overrides: Overrides<RunPlan> = {}): RunPlan {
  const plan = planFixture({ load: LOAD, limits: LIMITS, ...overrides });
  return { ...plan, target: { ...plan.target, endpoints: [endpoint] } };
}

/** Puts to a cluster whose members all have the same endpoint. */
function preparedPuts(plan: RunPlan, members: number, metricsUrls: string[] = []): Prepared {
  const put = workloadOf<PutWorkload>(plan, "put");
  const { endpoints } = plan.target;
  const state = { version: null, isLeader: null, isLearner: false, dbSizeBytes: null };
  const target = {
    endpoints,
    clusterId: null,
    version: null,
    members: Array.from({ length: members }, (_, at) => {
      return { id: "1", name: `m${at}`, endpoint: endpoints[0]!, metricsUrls, ...state };
    }),
    notes: [],
  };
  return {
    target,
    notes: [],
    operations: [operation<PutSpec>({ series: ["put"], kind: "put", put })],
  };
}

/** Runs puts with --check-hashkv; `onHash` answers each HashKV. */
async function runWithHashCheck(onHash: Answer, controls: RunControls) {
  const etcd = await startFakeEtcd({ ...ANSWERS, HashKV: onHash });
  try {
    const plan = planOf(etcd.endpoint, { judge: { checkHashKv: true } });
    return await measure(plan, preparedPuts(plan, 2), controls);
  } finally {
    await etcd.stop();
  }
}

test("Ctrl-C while the members are hashed interrupts the run, and finds no error", async () => {
  const controller = new AbortController();
  const never = () => {
    controller.abort();
    return new Promise<object>(() => {});
  };
  const result = await runWithHashCheck(never, { stop: controller.signal });
  assert.is(result.status, "interrupted");
  assert.is(result.hashKv, null);
  // A busy machine may have delayed the client.
  assert.ok(["valid", "client-limited"].includes(result.verdict.kind), result.verdict.kind);
  assert.not.match(result.verdict.reasons.join(), /hash/);
  assert.ok(result.notes.some((note) => note.startsWith("--check-hashkv was interrupted")));
  assert.is(result.operations[0]!.requests.succeeded, 20);
});

test("Ctrl-C after the members have shown a difference still reports it", async () => {
  const controller = new AbortController();
  let asked = 0;
  const differ = () => {
    asked += 1;
    // The abort interrupts the second round.
    if (asked > 2) controller.abort();
    return { header, hash: asked, compactRevision: "-1" };
  };
  const result = await runWithHashCheck(differ, { stop: controller.signal });
  assert.is(result.hashKv?.isEqual, false);
  assert.is(result.verdict.kind, "errors");
});

test("no compaction is sent while the last metrics reading waits for a member that does not answer", async () => {
  let pages = 0;
  const metrics = createServer((_, response) => {
    // Answers the first reading; all later readings wait until bench gives them up.
    if (pages++ === 0) response.end('etcd_server_id{server_id="1"} 1\n');
  });
  await new Promise<void>((resolve) => metrics.listen(0, "127.0.0.1", resolve));
  const { port } = metrics.address() as { port: number };
  let compactions = 0;
  const etcd = await startFakeEtcd({
    ...ANSWERS,
    Txn: () => ({ header: { ...header, revision: "1000" }, succeeded: true, responses: [] }),
    Compact: () => {
      compactions += 1;
      return { header };
    },
  });
  try {
    const plan = planOf(etcd.endpoint, {
      limits: { totalRequests: null, durationMs: 400 },
      maintenance: { compaction: { intervalMs: 40, keptRevisions: 1 } },
    });
    // With two operations, the duration is not known in advance.
    const prepared = preparedPuts(plan, 1, [`http://127.0.0.1:${port}`]);
    prepared.operations.push({ ...prepared.operations[0]!, series: ["put-again"] });
    const { moments, operations } = await measure(plan, prepared);
    assert.ok(compactions > 0);
    const loadSeconds = operations.flatMap(({ intervals }) =>
      intervals.map(({ startSeconds, durationSeconds }) => startSeconds + durationSeconds),
    );
    const late = moments.filter(({ startSeconds }) => startSeconds > Math.max(...loadSeconds) + 1);
    assert.equal(late, []);
  } finally {
    await etcd.stop();
    metrics.close();
    metrics.closeAllConnections();
  }
});

test("the preparations are undone if the measurement cannot begin", async () => {
  const plan = planOf("127.0.0.1:1");
  let cleaned = 0;
  const prepared: Prepared = {
    ...preparedPuts(plan, 1),
    access: {
      tls: null,
      tokens: {
        token: () => Promise.reject(new Error("no token")),
        renew: () => Promise.reject(new Error("no token")),
      },
    },
    cleanUp: async () => {
      cleaned += 1;
      return [];
    },
  };
  try {
    await measure(plan, prepared);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, "no token");
  }
  assert.is(cleaned, 1);
});

/** Why a watch-get run, which puts a history before its load, is refused, and its calls to etcd. */
async function refusedWatchGet(
  answers: Record<string, Answer>,
  judge: Partial<RunPlan["judge"]>,
  credentials: Access["credentials"],
): Promise<{ message: string; calls: string[] }> {
  const member = { ID: "1", name: "m1", peerURLs: [], clientURLs: [], isLearner: false };
  const etcd = await startFakeEtcd({
    ...ANSWERS,
    Status: () => ({ header, version: "3.5.0", dbSize: "1", leader: "1" }),
    MemberList: () => ({ header, members: [member] }),
    ...answers,
  });
  try {
    const plan = planOf(etcd.endpoint, { judge });
    const { keys, valSizeBytes, valueSize } = workloadOf<PutWorkload>(plan, "put");
    plan.workload = {
      kind: "watch-get",
      keys: { ...keys, keySpaceSize: 1 },
      ...{ valSizeBytes, valueSize, watchers: 1, streams: 1, events: 1 },
      consistency: "serializable",
    };
    await run(plan, { target: { dataFileSystem: null, access: { tls: null, credentials } } });
  } catch (error) {
    assert.instance(error, BenchError);
    return { message: (error as BenchError).message, calls: etcd.calls };
  } finally {
    await etcd.stop();
  }
  throw new Error("the run was not refused");
}

const WRITES = /\.(Put|LeaseGrant|DeleteRange)$/;

test("a threshold on an unknown series is refused before anything is written", async () => {
  const thresholds = [parseThreshold("--threshold", "nothing:p99<1s")];
  const { message, calls } = await refusedWatchGet({}, { thresholds }, null);
  assert.match(message, /"nothing" is no series of this run/);
  assert.equal(
    calls.filter((call) => WRITES.test(call)),
    [],
  );
});

test("a user who may not write the keys, or hash them, is refused before anything is written", async () => {
  const denied: Answer = () => {
    throw { code: status.PERMISSION_DENIED, details: "etcdserver: permission denied" };
  };
  const user = { user: "u", password: "p" };
  const Authenticate = () => ({ header, token: "t" });
  const keys = await refusedWatchGet({ Authenticate, Txn: denied }, {}, user);
  assert.match(keys.message, /is denied writing the key/);
  const hash = await refusedWatchGet({ Authenticate, HashKV: denied }, { checkHashKv: true }, user);
  assert.match(hash.message, /^--check-hashkv: hashing keys is denied .*only the role root/);
  assert.equal(
    [...keys.calls, ...hash.calls].filter((call) => WRITES.test(call)),
    [],
  );
});

test.run();
