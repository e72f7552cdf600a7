/** Tests the note on keys that the cleanup could not delete. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cleanUp } from "../../../src/run/clean-up.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";

/** The note after a worker broke. Nothing is sent to etcd: the keys that it wrote are unknown. */
async function noteOnKeys(keySizeBytes: number, prefix: string): Promise<string> {
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

test("short keys are printed byte by byte", async () => {
  const note = await noteOnKeys(8, "");
  assert.match(note, /they are within 0x0{16} to 0x0{12}ffff00\.$/);
});

test("long keys are printed with a count of their zeros", async () => {
  const note = await noteOnKeys(276, "/k/");
  assert.match(
    note,
    /they are within 0x2f6b2f\[273 x 00\] to 0x2f6b2f\[271 x 00\]ffff00 with the prefix "\/k\/"\.$/,
  );
});

test.run();
