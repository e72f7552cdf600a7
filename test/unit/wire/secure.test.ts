/** Connections over TLS, where one socket read returns each TLS record separately. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CertificateAuthority, type Issued } from "../../../src/etcd/local-cluster/certificates.ts";
import type { TlsMaterial } from "../../../src/net/tls-connect.ts";
import { until } from "../../harness/conditions.ts";
import { before } from "../../harness/hooks.ts";
import { RecordRelay } from "../../peers/record-relay.ts";
import { type PeerConnection, WirePeer } from "../../peers/wire-peer.ts";
import { expectRequest, WireClient } from "./wire-client.ts";

const test = suite<{ tls: TlsMaterial; server: Issued }>("TLS connections");

before(test, async (context) => {
  const authority = await CertificateAuthority.create("tests");
  context.server = await authority.issue({ commonName: "peer", hosts: ["127.0.0.1"] });
  context.tls = { ca: authority.cert, cert: null, key: null, serverName: null, skipVerify: false };
});

interface SecureTest {
  client: WireClient;
  connection: PeerConnection;
  relay: RecordRelay;
}

async function withSecureWire(
  { tls, server }: { tls: TlsMaterial; server: Issued },
  slots: number,
  run: (test: SecureTest) => Promise<void>,
): Promise<void> {
  const peer = await WirePeer.listen({ ...server, ALPNProtocols: ["h2"] });
  const relay = await RecordRelay.listen(peer.port);
  const client = new WireClient([`127.0.0.1:${relay.port}`], new Array(slots).fill(0), tls);
  try {
    const opening = client.transport.open();
    const connection = await peer.accept();
    await connection.handshake();
    await opening;
    await run({ client, connection, relay });
    if (client.log.fault !== null) throw new Error(client.log.fault);
    if (connection.conduct.violation !== undefined) throw new Error(connection.conduct.violation);
  } finally {
    client.transport.close();
    await relay.close();
    await peer.close();
  }
}

test("requests that become due within one read leave in one TLS record", async (context) => {
  const slots = 5;
  await withSecureWire(context, slots, async ({ client, connection, relay }) => {
    for (let slot = 0; slot < slots; slot++) client.queue(slot, Buffer.from([slot]));
    client.transport.flush();
    const streamIds: number[] = [];
    for (let slot = 0; slot < slots; slot++) {
      streamIds.push((await expectRequest(connection)).streamId);
    }
    client.log.onEnd = ({ slot }) => client.queue(slot, Buffer.from([slot + 100]));
    relay.hold();
    const recordsBefore = relay.serverRecords;
    for (const [index, streamId] of streamIds.entries()) {
      connection.sendTrailersOnly(streamId, 5);
      await until(
        "the answer is a record",
        () => relay.serverRecords === recordsBefore + index + 1,
      );
    }
    const sentBefore = relay.clientRecords;
    relay.release();
    const again: number[] = [];
    for (let slot = 0; slot < slots; slot++) {
      again.push((await expectRequest(connection)).message[0]!);
    }
    assert.equal(again, [100, 101, 102, 103, 104]);
    assert.is(relay.clientRecords - sentBefore, 1);
  });
});

test("a PING is acknowledged also when no request is due", async (context) => {
  await withSecureWire(context, 1, async ({ connection }) => {
    const bytes = Buffer.from("are you?");
    connection.sendPing(bytes);
    assert.equal(await connection.expectPing(), { ack: true, bytes });
  });
});

test("a response whose frames come in separate records is one response", async (context) => {
  await withSecureWire(context, 1, async ({ client, connection, relay }) => {
    client.call(0);
    const { streamId } = await expectRequest(connection);
    const recordsBefore = relay.serverRecords;
    const isSent = (records: number) =>
      until("the frame is a record", () => relay.serverRecords === recordsBefore + records);
    connection.sendHeaders(streamId, { ":status": "200", "content-type": "application/grpc" });
    await isSent(1);
    connection.sendData(streamId, Buffer.alloc(5));
    await isSent(2);
    connection.sendHeaders(streamId, { "grpc-status": "0" }, { endStream: true });
    assert.is(await client.log.nextStatus(), 0);
    await connection.expectNothing();
  });
});

test.run();
