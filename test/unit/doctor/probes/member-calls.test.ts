/** Tests the times of single requests to a member over a scripted connection. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs } from "../../../../src/clock.ts";
import { MemberCalls, type Method } from "../../../../src/doctor/probes/member-calls.ts";
import { encodeMessage } from "../../../../src/protos.ts";
import { expectRequest, withPeer } from "../../wire/wire-client.ts";

const STATUS: Method = ["etcdserverpb.Maintenance", "Status"];
const WATCH: Method = ["etcdserverpb.Watch", "Watch"];
const ANSWER = encodeMessage("etcdserverpb.StatusResponse", {});
const TIMEOUT_MS = 30_000;

test("a request that waits for a stream is timed from when it left", async () => {
  await withPeer(async (peer) => {
    const access = { tls: null, tokens: null };
    const opening = MemberCalls.open(`127.0.0.1:${peer.port}`, 2, access, TIMEOUT_MS);
    const connection = await peer.accept();
    await connection.handshake({ maxConcurrentStreams: 2 });
    const calls = await opening;
    try {
      const before = calls.call(0, STATUS, {}, TIMEOUT_MS);
      const request = await expectRequest(connection);
      connection.sendSettings({ maxConcurrentStreams: 1 });
      await connection.expectSettingsAck();
      connection.sendGrpcOk(request.streamId, ANSWER);
      await before;
      const first = calls.call(0, STATUS, {}, TIMEOUT_MS);
      const second = calls.call(1, STATUS, {}, TIMEOUT_MS);
      const { streamId } = await expectRequest(connection);
      // The second one cannot leave before this.
      const freedNs = nowNs();
      connection.sendGrpcOk(streamId, ANSWER);
      await first;
      connection.sendGrpcOk((await expectRequest(connection)).streamId, ANSWER);
      const { ms } = await second;
      const mostMs = (nowNs() - freedNs) / 1e6;
      assert.ok(ms <= mostMs, `${ms} ms, and it had ${mostMs} ms`);
    } finally {
      calls.close();
    }
  });
});

test("requests leave while a stream is open where the server allows one stream on a connection", async () => {
  await withPeer(async (peer) => {
    const access = { tls: null, tokens: null };
    const opening = MemberCalls.open(`127.0.0.1:${peer.port}`, 2, access, TIMEOUT_MS);
    await (await peer.accept()).handshake({ maxConcurrentStreams: 1 });
    const connections = [await peer.accept(), await peer.accept()];
    for (const each of connections) await each.handshake({ maxConcurrentStreams: 1 });
    const calls = await opening;
    try {
      calls.stream(0, WATCH, {}, { onMessage: () => {}, onEnd: () => {} });
      const answered = calls.call(1, STATUS, {}, TIMEOUT_MS);
      const requests = await Promise.all(connections.map((each) => each.expectHeaders()));
      const at = requests.findIndex(({ headers }) => headers[":path"]!.endsWith("/Status"));
      connections[at]!.sendGrpcOk(requests[at]!.streamId, ANSWER);
      await answered;
    } finally {
      calls.close();
    }
  });
});

test.run();
