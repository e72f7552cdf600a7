/** What `bench mixed` finds out about etcd before its first request. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { preparation } from "../../../../src/workloads/mixed/prepare.ts";
import { startFakeEtcd } from "../../../peers/fake-etcd.ts";

test("a note reports that etcd lengthens the TTL of the leases of a mix", async () => {
  const etcd = await startFakeEtcd({
    LeaseGrant: () => ({ ID: "7", TTL: "6" }),
    LeaseRevoke: () => ({}),
  });
  try {
    const { endpoint } = etcd;
    const notesOf = async (flags: Record<string, string>) => {
      const notes: string[] = [];
      const given = { endpoints: endpoint, ...flags };
      const { plan } = planFromFlags({ command: "mixed", flags: given }, {});
      const workload = plan.workload as Parameters<typeof preparation.prepare>[0];
      const target = { endpoints: [endpoint], clusterId: null, version: null, members: [], notes };
      const access = { tls: null, tokens: null };
      await preparation.prepare(workload, {
        ...{ plan, target, access },
        note: (text: string) => notes.push(text),
      });
      return notes;
    };
    const [note] = await notesOf({ mix: "lease-grant=1,put=1", ttl: "1s" });
    assert.match(note!, /^etcd granted leases of 6 s where 1 s were asked for/);
    assert.equal(await notesOf({ mix: "put=1" }), []);
  } finally {
    await etcd.stop();
  }
});

test.run();
