/** Whether a run is known to have put no key: it was stopped early, or etcd has refused all. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { prepareWorkload } from "../../../src/run/prepare.ts";
import type { RunProgress } from "../../../src/run/progress.ts";
import { measure } from "../../../src/run/run.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { startFakeEtcd } from "../../peers/fake-etcd.ts";

const header = { revision: "7", memberId: "1", clusterId: "1" };
const OPEN = { tls: null, tokens: null };

/** Stops the run when it enters the phase, or when etcd gets the first call of a method. */
async function hasPutKeys(
  command: string,
  given: GivenFlags,
  stopAt: { phase?: RunProgress["phase"]; method?: string },
) {
  const stop = new AbortController();
  const answer = (method: string, value: object) => () => {
    if (method === stopAt.method) stop.abort();
    return { header, ...value };
  };
  const etcd = await startFakeEtcd({
    Range: answer("Range", { kvs: [], count: "0", more: false }),
    Put: answer("Put", {}),
    DeleteRange: answer("DeleteRange", { deleted: "0" }),
  });
  try {
    const { endpoint } = etcd;
    const flags = { ...given, endpoints: endpoint };
    const { plan } = planFromFlags({ command, flags }, {});
    const none = { clusterId: null, version: null, members: [], notes: [] };
    const prepared = await prepareWorkload(plan, { endpoints: [endpoint], ...none }, [], OPEN);
    const result = await measure(plan, prepared, {
      stop: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === stopAt.phase) stop.abort();
      },
    });
    assert.is(result.status, "interrupted");
    assert.ok(result.operations.every(({ requests }) => requests.started === 0));
    return result.hasPutKeys;
  } finally {
    await etcd.stop();
  }
}

test("a run that is stopped while it opens its connections has put no key", async () => {
  const opening = { phase: "opening" } as const;
  const large = { total: "100000" };
  assert.is(await hasPutKeys("put", { ...large, warmup: "100000" }, opening), false);
  assert.is(await hasPutKeys("delete", large, opening), false);
  assert.is(await hasPutKeys("mixed", large, opening), false);
});

test("a run that is stopped in its set-up or its warm-up has put keys if these do", async () => {
  const atPut = { method: "Put" };
  const large = { total: "100000" };
  assert.is(await hasPutKeys("delete", large, atPut), true);
  assert.is(await hasPutKeys("put", { ...large, warmup: "100000" }, atPut), true);
  const atDelete = { method: "DeleteRange" };
  assert.is(await hasPutKeys("delete", { ...large, warmup: "100000" }, atDelete), false);
});

test("a run whose preparation has put a key has put it, wherever the run is stopped", async () => {
  const opening = { phase: "opening" } as const;
  assert.is(await hasPutKeys("range", { total: "100000" }, opening), true);
});

/** All puts fail with the code; a run without a result says in its hint whether keys stay. */
async function hasPutAlthough(code: number, given: GivenFlags) {
  const refuse = () => {
    throw { code, details: "no put" };
  };
  const etcd = await startFakeEtcd({
    Range: () => ({ header, kvs: [], count: "0", more: false }),
    Put: refuse,
  });
  const { endpoint } = etcd;
  const flags = { ...given, endpoints: endpoint, clients: "2", "key-space-size": "10" };
  const { plan } = planFromFlags({ command: "put", flags }, {});
  const none = { clusterId: null, version: null, members: [], notes: [] };
  const said: string[] = [];
  try {
    const prepared = await prepareWorkload(plan, { endpoints: [endpoint], ...none }, [], OPEN);
    const { hasPutKeys } = await measure(plan, prepared, { say: (line) => said.push(line) });
    return hasPutKeys;
  } catch (error) {
    assert.instance(error, BenchError);
    return said.some((line) => /what this run has put stays in etcd/.test(line));
  } finally {
    await etcd.stop();
  }
}

test("a run has put no key if etcd has refused each put, in its warm-up too", async () => {
  assert.is(await hasPutAlthough(Status.PERMISSION_DENIED, { total: "20" }), false);
  const warm = { total: "20", warmup: "10" };
  assert.is(await hasPutAlthough(Status.PERMISSION_DENIED, warm), false);
});

test("puts that failed may have been carried out if etcd has not refused them", async () => {
  assert.is(await hasPutAlthough(Status.UNKNOWN, { total: "20" }), true);
  assert.is(await hasPutAlthough(Status.UNKNOWN, { total: "20", warmup: "10" }), true);
});

test.run();
