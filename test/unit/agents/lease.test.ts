/** A process that loses the coordination etcd knows by its own clock that its lease ended. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { KeptLease, LEASE_SECONDS } from "../../../src/agents/lease.ts";

function rig(renew: () => Promise<number>) {
  const lost: string[] = [];
  let nowMs = 0;
  const lease = new KeptLease({ renew, onLost: (reason) => lost.push(reason), nowMs: () => nowMs });
  return {
    ...{ lease, lost },
    async at(seconds: number) {
      nowMs = seconds * 1e3;
      await lease.tick();
    },
  };
}

test("a lease that is renewed goes on", async () => {
  const { lease, lost, at } = rig(async () => LEASE_SECONDS);
  for (let seconds = 2; seconds < 60; seconds += 2) await at(seconds);
  lease.end();
  assert.equal(lost, []);
});

test("without an answer the lease is lost after its time to live, and the loss is reported once", async () => {
  let isReachable = true;
  const { lost, at } = rig(async () => {
    if (!isReachable) throw new Error("unreachable");
    return LEASE_SECONDS;
  });
  await at(2);
  isReachable = false;
  await at(4);
  await at(LEASE_SECONDS);
  assert.equal(lost, []);
  await at(LEASE_SECONDS + 2);
  await at(LEASE_SECONDS + 4);
  assert.equal(lost, [`the coordination etcd has not answered for ${LEASE_SECONDS} s`]);
});

test("a process that was frozen for longer than the lease reports the loss without asking etcd", async () => {
  let asked = 0;
  const { lost, at } = rig(async () => {
    asked += 1;
    return LEASE_SECONDS;
  });
  await at(LEASE_SECONDS + 1);
  assert.is(lost.length, 1);
  assert.is(asked, 0);
});

test("a lease that etcd has ended is lost at once", async () => {
  const { lost, at } = rig(async () => 0);
  await at(2);
  assert.equal(lost, ["its lease in the coordination etcd is gone"]);
});

test.run();
