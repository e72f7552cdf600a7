/** Fuzzes whole connections with a server that sends random frames; a seed repeats each run. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../src/random.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { encodeHeaderBlock } from "../../../src/wire/hpack/encoder.ts";
import { drawn } from "../../harness/whole-run.ts";
import { grpcMessage, WirePeer } from "../../peers/wire-peer.ts";
import { FLAG, serializeFrame, serializeSettings } from "../../peers/wire-peer-frames.ts";
import { PATIENCE_MS } from "../../peers/wire-peer-inbox.ts";
import { type CallEnd, WireClient } from "./wire-client.ts";

const SEEDS = drawn({ daily: 60, whole: 160 });
const AT_A_TIME = 20;
const SLOTS = 5;
const TURNS = 30;

const HEADERS = encodeHeaderBlock([
  [":status", "200"],
  ["content-type", "application/grpc"],
]);
const TRAILERS = encodeHeaderBlock([["grpc-status", "0"]]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A frame that a server may send, on one of the streams that were opened last. */
function likelyFrame(random: Random, opened: number): Buffer {
  const below = (bound: number) => randomBelow(random, bound);
  const id = 1 + 2 * Math.max(0, opened - 1 - below(SLOTS * 2));
  switch (below(14)) {
    case 0:
    case 1:
      return serializeFrame("HEADERS", FLAG.endHeaders, id, HEADERS);
    case 2:
      return serializeFrame("HEADERS", FLAG.endHeaders | FLAG.endStream, id, TRAILERS);
    case 3: {
      const body = grpcMessage(randomBytes(random, below(50)));
      return serializeFrame("DATA", below(8) === 0 ? FLAG.endStream : 0, id, body);
    }
    case 4:
    case 5:
    case 6:
      return Buffer.concat([
        serializeFrame("HEADERS", FLAG.endHeaders, id, HEADERS),
        serializeFrame("DATA", 0, id, grpcMessage(randomBytes(random, below(500)))),
        serializeFrame("HEADERS", FLAG.endHeaders | FLAG.endStream, id, TRAILERS),
      ]);
    case 7:
      return serializeFrame("RST_STREAM", 0, id, uint32(below(16)));
    case 8:
      return serializeFrame("PING", below(2), 0, randomBytes(random, 8));
    case 9:
      return serializeFrame("WINDOW_UPDATE", 0, below(2) * id, uint32(1 + below(2 ** 20)));
    case 10: {
      const settings = { initialWindowSize: below(200_000), maxConcurrentStreams: 1 + below(6) };
      return serializeFrame("SETTINGS", 0, 0, serializeSettings(settings));
    }
    case 11:
      return Buffer.concat([
        serializeFrame("HEADERS", 0, id, HEADERS.subarray(0, 1)),
        serializeFrame("CONTINUATION", FLAG.endHeaders, id, HEADERS.subarray(1)),
      ]);
    case 12:
      return serializeFrame("RST_STREAM", 0, id, uint32(7));
    default:
      return below(4) > 0
        ? serializeFrame("SETTINGS", FLAG.ack, 0)
        : serializeFrame("GOAWAY", 0, 0, Buffer.concat([uint32(id), uint32(below(14))]));
  }
}

/** A likely frame, or sometimes one with an octet changed, or a frame of random octets. */
function anyFrame(random: Random, opened: number): Buffer {
  const draw = random();
  if (draw < 0.97) return likelyFrame(random, opened);
  if (draw < 0.99) {
    const frame = Buffer.from(likelyFrame(random, opened));
    // The length is not changed: all later frames would be noise.
    frame[3 + randomBelow(random, frame.length - 3)] = randomBelow(random, 256);
    return frame;
  }
  const payload = randomBytes(random, randomBelow(random, 40));
  const [type, flags] = [randomBelow(random, 12), randomBelow(random, 256)];
  return serializeFrame(type, flags, randomBelow(random, 12), payload);
}

/** Runs a closed loop of SLOTS calls against one such server and returns how the calls ended. */
async function play(seed: number): Promise<CallEnd[]> {
  const random = seededRandom(seed, 0);
  const peer = await WirePeer.listen();
  const client = new WireClient([`127.0.0.1:${peer.port}`], new Array(SLOTS).fill(0));
  const { log } = client;
  try {
    const opening = client.transport.open();
    const connection = await peer.accept();
    connection.sendSettings();
    await opening;
    log.onEnd = ({ slot }) => client.queue(slot, randomBytes(random, 20));
    // One request is too large for any window, so some octets are always held back.
    for (let slot = 0; slot < SLOTS; slot++)
      client.queue(slot, Buffer.alloc(slot === 0 ? 90_000 : 20));
    client.transport.flush();
    for (let turn = 0; turn < TURNS; turn++) {
      const opened = SLOTS + log.ends.length;
      const bytes = Buffer.concat(
        Array.from({ length: 1 + randomBelow(random, 3) }, () => anyFrame(random, opened)),
      );
      await connection.sendRawInPieces(bytes, random() < 0.1 ? 7 : bytes.length);
    }
    log.onEnd = () => {};
    connection.destroy();
    await endAll(client, peer);
    if (log.fault !== null) throw new Error(`seed ${seed}: ${log.fault}`);
    return log.ends;
  } finally {
    client.transport.close();
    await peer.close();
  }
}

/** Closes each new connection until every call has ended. */
async function endAll(client: WireClient, peer: WirePeer): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (client.log.inFlight.size > 0) {
    if (Date.now() > deadline) throw new Error(`${client.log.inFlight.size} calls never ended`);
    // No connection may come: the calls may have ended.
    const next = await peer.accept({ timeoutMs: 20 }).catch(() => null);
    next?.destroy();
  }
}

test("every call ends once, whatever a server sends", async () => {
  const counts = { ok: 0, unprocessed: 0, unavailable: 0, other: 0, broken: 0 };
  for (let first = 0; first < SEEDS; first += AT_A_TIME) {
    const seeds = Array.from({ length: AT_A_TIME }, (_, index) => first + index);
    for (const ends of await Promise.all(seeds.map(play))) {
      assert.ok(ends.length >= SLOTS);
      for (const { status, message } of ends) {
        if (status === Status.OK) counts.ok += 1;
        else if (status === "unprocessed") counts.unprocessed += 1;
        else if (status === Status.UNAVAILABLE) counts.unavailable += 1;
        else counts.other += 1;
        if (message.startsWith("the server broke HTTP/2")) counts.broken += 1;
      }
    }
  }
  // All kinds of ends must occur, or the test proves little.
  for (const [kind, count] of Object.entries(counts)) {
    assert.ok(count >= SEEDS / 10, `${count} ${kind} of ${JSON.stringify(counts)}`);
  }
});

test.run();
