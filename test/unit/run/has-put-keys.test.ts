/** Whether a run that is stopped early is known to have put a key. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { prepareWorkload } from "../../../src/run/prepare.ts";
import type { RunProgress } from "../../../src/run/progress.ts";
import { measure } from "../../../src/run/run.ts";
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

test.run();
