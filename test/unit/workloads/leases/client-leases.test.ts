/** Leases of a run: a note if etcd grants a longer TTL than requested. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { prepareLeases } from "../../../../src/workloads/parts/leases/client-leases.ts";
import { grantedTtlByTrial } from "../../../../src/workloads/parts/leases/longer-lease.ts";
import { NO_LEASE } from "../../../../src/workloads/parts/leases/no-lease.ts";
import { startFakeEtcd } from "../../../peers/fake-etcd.ts";

const GRANTED = () => ({ ID: "7", TTL: "100" });

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

test("a lease that its client has revoked is not asked for at the end", async () => {
  const asked: unknown[] = [];
  const etcd = await startFakeEtcd({
    LeaseGrant: GRANTED,
    LeaseRevoke({ ID }) {
      asked.push(ID);
      return {};
    },
  });
  try {
    const access = { tls: null, tokens: null };
    const { leases, cleanUp } = await prepareLeases(100, 2, [etcd.endpoint], access);
    leases[0] = NO_LEASE;
    assert.equal(await cleanUp(), ["Each client's lease was revoked at the end."]);
    assert.equal(asked.map(String), [leases[1]]);
  } finally {
    await etcd.stop();
  }
});

test("leases are revoked over a new connection, after one of before the run has broken", async () => {
  const etcd = await startFakeEtcd({ LeaseGrant: GRANTED, LeaseRevoke: () => ({}) });
  const broken = new Set<Socket>();
  // As if what comes from then on over the connections of before were lost: nothing is answered.
  const proxy = createServer((client) => {
    const server = connect(Number(etcd.endpoint.split(":")[1]), "127.0.0.1");
    client.on("data", (bytes) => broken.has(client) || server.write(bytes));
    server.on("data", (bytes) => broken.has(client) || client.write(bytes));
    for (const socket of [client, server]) {
      socket.on("error", () => {});
      socket.on("close", () => [client, server].map((each) => each.destroy()));
    }
    open.add(client);
  });
  const open = new Set<Socket>();
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = proxy.address() as AddressInfo;
    const access = { tls: null, tokens: null };
    const { cleanUp } = await prepareLeases(100, 2, [`127.0.0.1:${port}`], access);
    for (const client of open) broken.add(client);
    assert.equal(await cleanUp(), ["Each client's lease was revoked at the end."]);
  } finally {
    for (const client of open) client.destroy();
    proxy.close();
    await etcd.stop();
  }
});

test("leases are revoked at another endpoint, if the first one is gone", async () => {
  const methods = { LeaseGrant: GRANTED, LeaseRevoke: () => ({}) };
  const [gone, other] = [await startFakeEtcd(methods), await startFakeEtcd(methods)];
  try {
    const access = { tls: null, tokens: null };
    const endpoints = [gone.endpoint, other.endpoint];
    const { cleanUp } = await prepareLeases(100, 70, endpoints, access);
    await gone.stop();
    assert.equal(await cleanUp(), ["Each client's lease was revoked at the end."]);
  } finally {
    await other.stop();
  }
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
    assert.is(await grantedTtlByTrial(1, [etcd.endpoint], access), 2);
    assert.equal(asked, ["grant 1", "revoke 7"]);
    assert.is(await grantedTtlByTrial(3600, [etcd.endpoint], access), 3600);
    assert.is(asked.length, 2, "no etcd lengthens an hour");
  } finally {
    etcd.stop();
  }
});

test.run();
