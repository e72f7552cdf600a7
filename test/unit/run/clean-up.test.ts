/** What a person is told of keys that could not be cleaned up. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cleanUp } from "../../../src/run/clean-up.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";

/** Nothing is asked of etcd, since nobody knows what a worker that broke has written. */
async function toldOfKeys(keySizeBytes: number, prefix: string): Promise<string> {
  const plan = planFixture();
  Object.assign(workloadOf<PutWorkload>(plan, "put").keys, {
    keySizeBytes,
    prefix,
    keySpaceSize: 0x10000,
  });
  const { notes, fault } = await cleanUp({
    plan,
    endpoints: plan.target.endpoints,
    access: { tls: null, tokens: null },
    operations: [],
    shares: [],
    started: new Map([[0, null]]),
    ownKey: null,
    sinceRevision: 1,
    hasFailures: false,
    hasRevisionGoneBack: false,
    stop: undefined,
  });
  assert.match(fault!, /deleted nothing: a worker broke/);
  return notes[0]!;
}

test("short keys are told byte by byte", async () => {
  const told = await toldOfKeys(8, "");
  assert.match(told, /they are within 0x0{16} to 0x0{12}ffff00\.$/);
});

test("of long ones the zeros are counted", async () => {
  const told = await toldOfKeys(276, "/k/");
  assert.match(
    told,
    /they are within 0x2f6b2f\[273 x 00\] to 0x2f6b2f\[271 x 00\]ffff00 with the prefix "\/k\/"\.$/,
  );
});

test.run();
