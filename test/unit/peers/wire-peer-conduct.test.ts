/** The scripted HTTP/2 server detects clients that break a rule. */
import { connect as connectTcp } from "node:net";
import { test } from "uvu";
import { WirePeer } from "../../peers/wire-peer.ts";
import { CLIENT_MAGIC, type FrameKind, serializeFrame } from "../../peers/wire-peer-frames.ts";
import { rejects } from "./rejects.ts";

/** POST / with the end of the stream, or with a body to follow. */
const request = (streamId: number, endStream = false) =>
  serializeFrame("HEADERS", endStream ? 0x5 : 0x4, streamId, Buffer.from([0x83, 0x86, 0x84]));

const SETTINGS = serializeFrame("SETTINGS", 0, 0);

const ACK = serializeFrame("SETTINGS", 1, 0);

for (const [rule, settings, frames, violation] of [
  ["an even stream", {}, [request(2)], /not odd/],
  ["an older stream", {}, [request(3), request(1)], /opens stream 1 after 3/],
  ["too many streams", { maxConcurrentStreams: 1 }, [request(1), request(3)], /CONCURRENT/],
  ["data after the end", {}, [request(1, true), serializeFrame("DATA", 0, 1)], /that the client/],
  ["data on no stream", {}, [serializeFrame("DATA", 0, 1)], /idle stream 1/],
  ["a large frame", {}, [serializeFrame("PING", 0, 0, Buffer.alloc(16_385))], /MAX_FRAME_SIZE/],
  [
    "too much data for a stream",
    { initialWindowSize: 3 },
    [request(1), serializeFrame("DATA", 0, 1, Buffer.alloc(4))],
    /window of stream 1 by 1/,
  ],
  [
    "too much data for the connection",
    { initialWindowSize: 100_000 },
    [request(1), ...Array(5).fill(serializeFrame("DATA", 0, 1, Buffer.alloc(16_384)))],
    /connection's window by 1 bytes/,
  ],
  [
    "a frame inside a header block",
    {},
    [serializeFrame("HEADERS", 0, 1, Buffer.from([0x83])), serializeFrame("DATA", 0, 1)],
    /DATA inside the header block/,
  ],
  ["an empty window update", {}, [serializeFrame("WINDOW_UPDATE", 0, 0, Buffer.alloc(4))], /of 0/],
  ["a settings ack too many", {}, [ACK], /ACK without SETTINGS/],
  [
    "a ping ack too many",
    {},
    [serializeFrame("PING", 1, 0, Buffer.alloc(8))],
    /ACK without a PING/,
  ],
] as const) {
  test(`a client that breaks a rule fails the next expectation: ${rule}`, async () => {
    const peer = await WirePeer.listen();
    const client = connectTcp(peer.port, "127.0.0.1");
    client.on("error", () => {});
    try {
      const connection = await peer.accept();
      client.write(Buffer.concat([CLIENT_MAGIC, SETTINGS]));
      await connection.expectPreface();
      connection.sendSettings(settings);
      client.write(ACK);
      await connection.expectSettingsAck();
      client.write(Buffer.concat(frames));
      const all: FrameKind[] = ["HEADERS", "DATA", "SETTINGS", "PING", "WINDOW_UPDATE"];
      await rejects(connection.expectGoaway({ skip: all }), violation);
    } finally {
      client.destroy();
      await peer.close();
    }
  });
}

test("a client that does not speak HTTP/2 is recognized", async () => {
  const peer = await WirePeer.listen();
  const client = connectTcp(peer.port, "127.0.0.1");
  client.on("error", () => {});
  try {
    const connection = await peer.accept();
    client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await rejects(connection.expectPreface(), /the client began with "GET \/ HTTP/);
  } finally {
    client.destroy();
    await peer.close();
  }
});

test.run();
