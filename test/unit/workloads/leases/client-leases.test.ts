/** Leases of a run: a note if etcd grants a longer TTL than requested. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { prepareLeases } from "../../../../src/workloads/parts/leases/client-leases.ts";
import { longerLeaseNotesByTrial } from "../../../../src/workloads/parts/leases/longer-lease.ts";
import { startFakeEtcd } from "../../../peers/fake-etcd.ts";

async function notesFor(grantedSeconds: number, isKnownAtEnd = true): Promise<string[]> {
  const etcd = await startFakeEtcd({
    LeaseGrant: () => ({ ID: "7", TTL: String(grantedSeconds) }),
    LeaseRevoke: () => {
      if (!isKnownAtEnd) throw { code: Status.NOT_FOUND, details: "requested lease not found" };
      return {};
    },
  });
  try {
    const access = { tls: null, tokens: null };
    const { cleanUp } = await prepareLeases(1, 2, [etcd.endpoint], access);
    return await cleanUp();
  } finally {
    await etcd.stop();
  }
}

test("a note reports a TTL that etcd lengthened, and none reports a TTL that it kept", async () => {
  const [longer] = await notesFor(6);
  assert.match(longer!, /^etcd granted leases of 6 s where 1 s were asked for/);
  assert.equal(await notesFor(1), ["Each client's lease was revoked at the end."]);
});

test("a lease that etcd does not know at the end was not revoked", async () => {
  assert.equal(await notesFor(1, false), [
    "At the end etcd did not know 2 of the 2 clients' leases.",
  ]);
});

test("a TTL that the run's own requests will use is tried once before the run", async () => {
  const asked: string[] = [];
  const etcd = await startFakeEtcd({
    LeaseGrant: ({ TTL }) => {
      asked.push(`grant ${TTL}`);
      return { ID: "7", TTL: "2" };
    },
    LeaseRevoke: ({ ID }) => {
      asked.push(`revoke ${ID}`);
      return {};
    },
  });
  const access = { tls: null, tokens: null };
  try {
    const [note] = await longerLeaseNotesByTrial(1, [etcd.endpoint], access);
    assert.match(note!, /^etcd granted leases of 2 s where 1 s were asked for/);
    assert.equal(asked, ["grant 1", "revoke 7"]);
    assert.equal(await longerLeaseNotesByTrial(3600, [etcd.endpoint], access), []);
    assert.is(asked.length, 2, "no etcd lengthens an hour");
  } finally {
    etcd.stop();
  }
});

test.run();
