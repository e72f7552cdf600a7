/** Runs the driver over the real wire: requests returned as unprocessed are sent once more. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs } from "../../../src/clock.ts";
import { Driver } from "../../../src/load/driver.ts";
import type { PhaseOutcome } from "../../../src/load/phase.ts";
import { Recorder, type RecorderSnapshot } from "../../../src/load/recording/recorder.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { ErrorCode } from "../../../src/wire/frames.ts";
import { WireTransport } from "../../../src/wire/wire-transport.ts";
import { SingleCalls } from "../../../src/workloads/parts/calls/single-calls.ts";
import type { PeerConnection, WirePeer } from "../../peers/wire-peer.ts";
import { expectRequest, PATH, withPeer } from "./wire-client.ts";

test.before(initHistograms);

/** Runs `requests` requests of one client against a peer that `serve` controls. */
async function drive(
  requests: number,
  serve: (connection: PeerConnection, peer: WirePeer) => Promise<void>,
): Promise<{ outcome: PhaseOutcome; recorded: RecorderSnapshot }> {
  let result: { outcome: PhaseOutcome; recorded: RecorderSnapshot } | undefined;
  await withPeer(async (peer) => {
    const driver = new Driver({ clients: 1, slots: 1, timeoutMs: 30_000, wait: "timer" });
    const transport = new WireTransport({
      connectionEndpoints: [`127.0.0.1:${peer.port}`],
      slotConnections: [0],
      listener: driver,
    });
    driver.attach(transport);
    const template = transport.template(PATH, Buffer.alloc(1));
    let next = 0;
    const source = {
      next: () => next++,
      request: (ticket: number) => {
        template.bytes[template.messageOffset] = ticket;
        return template;
      },
      restart: () => {},
    };
    const recorder = new Recorder();
    try {
      const opening = transport.open();
      const connection = await peer.accept();
      await connection.handshake();
      await opening;
      const [outcome] = await Promise.all([
        driver.run({
          workload: new SingleCalls(source, 1, driver, transport),
          recorders: [recorder],
          arrivals: null,
          requests,
          startNs: nowNs(),
          endNs: Number.POSITIVE_INFINITY,
        }),
        serve(connection, peer),
      ]);
      result = { outcome, recorded: recorder.takeSnapshot() };
    } finally {
      driver.stop(0);
      transport.close();
    }
  });
  return result!;
}

async function expectTicket(connection: PeerConnection, ticket: number): Promise<number> {
  const { streamId, message } = await expectRequest(connection);
  assert.equal([...message], [ticket]);
  return streamId;
}

test("REFUSED_STREAM: the same request is sent again on a new stream, and counts once", async () => {
  const { outcome, recorded } = await drive(2, async (connection) => {
    connection.sendRstStream(await expectTicket(connection, 0), ErrorCode.REFUSED_STREAM);
    const again = await expectTicket(connection, 0);
    assert.is(again, 3);
    connection.sendGrpcOk(again);
    connection.sendGrpcOk(await expectTicket(connection, 1));
  });
  assert.equal(
    [outcome.started, recorded.succeeded, recorded.failed, recorded.resent],
    [2, 2, 0, 1],
  );
});

test("REFUSED_STREAM twice: the request fails as UNAVAILABLE", async () => {
  const { recorded } = await drive(2, async (connection) => {
    for (let time = 0; time < 2; time++) {
      connection.sendRstStream(await expectTicket(connection, 0), ErrorCode.REFUSED_STREAM);
    }
    connection.sendGrpcOk(await expectTicket(connection, 1));
  });
  assert.equal([recorded.succeeded, recorded.failed, recorded.resent], [1, 1, 1]);
  assert.equal(recorded.errors[0]!.code, "UNAVAILABLE");
});

test("GOAWAY: an unprocessed request is sent over the next connection", async () => {
  const { recorded } = await drive(3, async (connection, peer) => {
    connection.sendGrpcOk(await expectTicket(connection, 0));
    const streamId = await expectTicket(connection, 1);
    connection.sendGoaway(streamId - 2, ErrorCode.NO_ERROR);
    const second = await peer.accept();
    await second.handshake();
    second.sendGrpcOk(await expectTicket(second, 1));
    second.sendGrpcOk(await expectTicket(second, 2));
  });
  assert.equal([recorded.succeeded, recorded.failed, recorded.resent], [3, 0, 1]);
});

test("after a drop without GOAWAY no request is sent again, since the server may have executed it", async () => {
  const { recorded } = await drive(2, async (connection, peer) => {
    await expectTicket(connection, 0);
    connection.close();
    const second = await peer.accept();
    await second.handshake();
    second.sendGrpcOk(await expectTicket(second, 1));
  });
  assert.equal([recorded.succeeded, recorded.failed, recorded.resent], [1, 1, 0]);
});

test.run();
