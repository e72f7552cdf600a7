/** Builds request messages of many DATA frames, and reads them as a server does. */
import * as assert from "uvu/assert";
import type { PeerConnection } from "../../peers/wire-peer.ts";

export const MAX_WINDOW = 2 ** 31 - 1;

export const HEADERS = { ":status": "200", "content-type": "application/grpc" };

/** A prime, so that no frame holds a whole number of periods. */
const PERIOD_BYTES = 5_003;

/** Octets that depend on their place, so that a lost, repeated or overwritten frame shows. */
export function pattern(sizeBytes: number, seed: number): Buffer {
  const period = Buffer.from(
    Array.from({ length: PERIOD_BYTES }, (_, at) => at * 31 + (at >> 8) + seed),
  );
  return Buffer.alloc(sizeBytes, period);
}

/** Reads DATA of one stream until `sizeBytes` octets have come. */
export async function takeData(
  connection: PeerConnection,
  streamId: number,
  sizeBytes: number,
): Promise<{ body: Buffer; sizes: number[]; endStream: boolean }> {
  const parts: Buffer[] = [];
  let endStream = false;
  for (let left = sizeBytes; left > 0; ) {
    const data = await connection.expectData();
    assert.is(data.streamId, streamId);
    parts.push(data.bytes);
    endStream = data.endStream;
    left -= data.bytes.length;
    assert.ok(left >= 0, `${-left} octets too many`);
  }
  return { body: Buffer.concat(parts), sizes: parts.map((part) => part.length), endStream };
}
