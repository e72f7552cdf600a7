/** Which keys `bench clean` looks for, according to saved results. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keysOfResults } from "../../../../src/cli/clean/keys-of-results.ts";
import type { RunPlan } from "../../../../src/plan/schema.ts";
import { isKeyOf, KeyWriter } from "../../../../src/workloads/parts/keys/key-writer.ts";
import { planFixture, resultFixture } from "../../../fixtures/result-fixture.ts";

const CLUSTER = "cdf818194e3a8c32";
const KEYS = {
  keySizeBytes: 8,
  keySpaceSize: 300,
  sequential: true,
  popularity: "uniform",
  prefix: "k",
  encoding: "fixed",
} as const;

function resultOf(workload: RunPlan["workload"], revision: number | null = 7) {
  const plan = { ...planFixture(), workload };
  plan.target = { ...plan.target, local: null };
  const result = resultFixture();
  return { ...result, plan, target: { ...result.target, clusterId: CLUSTER, revision } };
}

const put = (keySpaceSize: number, revision?: number | null) => {
  const { workload } = planFixture();
  assert.is(workload.kind, "put");
  return resultOf(
    { ...workload, keys: { ...KEYS, keySpaceSize } } as RunPlan["workload"],
    revision,
  );
};

test("key spaces that differ only in size are one, counted from the oldest run", async () => {
  const { found, notes } = await keysOfResults([put(10, 9), put(300, 7), put(20, 8)], CLUSTER);
  assert.equal(notes, []);
  assert.is(found.length, 1);
  const [{ keys, sinceRevision, runs }] = found as [(typeof found)[0]];
  assert.equal([keys.keySpace!.keySpaceSize, sinceRevision, runs], [300, 7, 3]);
});

test("results of other clusters and of temporary ones are skipped", async () => {
  const { found, notes } = await keysOfResults([put(10), put(10)], "other");
  assert.equal(found, []);
  assert.match(notes[0]!, /2 saved runs measured another cluster/);
  const local = put(10);
  local.plan.target = {
    ...local.plan.target,
    local: { members: 1, tls: false, auth: null, grpcProxy: false, proxied: false, serverArgs: [] },
  };
  assert.match((await keysOfResults([local], CLUSTER)).notes[0]!, /temporary cluster/);
});

test("a run that ended before its first request is skipped", async () => {
  const unsent = put(10);
  for (const { requests } of unsent.operations) requests.started = 0;
  const { found, notes } = await keysOfResults([unsent], CLUSTER);
  assert.equal(found, []);
  assert.equal(notes, ["1 saved run ended before it put a key."]);
});

test("keys are not looked for where no prefix distinguishes a run's keys from others", async () => {
  const stm = (prefix: string) =>
    resultOf({
      ...{ kind: "stm", isolation: "read-committed", keySpaceSize: 9, keysPerTxn: 1 },
      ...{ writePercent: 50, locker: "stm", valSizeBytes: 8, valueSize: null, prefix },
    } as RunPlan["workload"]);
  assert.equal((await keysOfResults([stm("")], CLUSTER)).found, []);
  const [found] = (await keysOfResults([stm("s/")], CLUSTER)).found;
  assert.is(found!.keys.words, 'under the prefix "s/"');
});

test("a key is recognized by its size, prefix and index, in both encodings", () => {
  for (const encoding of ["fixed", "varint"] as const) {
    const keys = { ...KEYS, encoding };
    const has = isKeyOf(keys);
    const writer = new KeyWriter(keys);
    for (const index of [0, 1, 63, 64, 127, 128, 299, 300, 70_000]) {
      const key = Buffer.alloc(keys.keySizeBytes);
      writer.write(index, key, 0);
      assert.is(has(key), index < 300, `${encoding} ${index}`);
      assert.not(has(Buffer.concat([key, Buffer.from([0])])));
    }
    assert.not(has(Buffer.from("x\0\0\0\0\0\0\0", "latin1")));
    assert.not(has(Buffer.from("kabcdefg", "latin1")));
  }
});

test.run();
