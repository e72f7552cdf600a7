/** A server that lowers SETTINGS_HEADER_TABLE_SIZE (RFC 7541, 4.2; RFC 9113, 4.3.1). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../src/wire/grpc-status.ts";
import type { PeerConnection } from "../../peers/wire-peer.ts";
import { type WireTest, withWire } from "./wire-client.ts";

/** A dynamic table size update to 0. No other header block of this client begins so. */
const UPDATE_TO_ZERO = 0x20;

async function firstOctet(connection: PeerConnection): Promise<number> {
  const headers = await connection.expectFrame({ skip: ["SETTINGS"] });
  assert.is(headers.kind, "HEADERS");
  await connection.expectData();
  connection.sendGrpcOk(headers.streamId);
  return headers.payload[0]!;
}

async function begins({ client, log, connection }: WireTest): Promise<boolean> {
  client.call(0);
  const octet = await firstOctet(connection);
  assert.is(await log.nextStatus(), Status.OK);
  return octet === UPDATE_TO_ZERO;
}

/** Sends the settings and waits until the client has them. */
async function settle({ connection }: WireTest, ...sizes: number[]): Promise<void> {
  for (const headerTableSize of sizes) connection.sendSettings({ headerTableSize });
  await connection.expectNothing({ skip: ["SETTINGS"] });
}

test("the block after a lowered header table begins with a size update, and the next one does not", async () => {
  for (const headerTableSize of [0, 1, 4_095]) {
    await withWire({ settings: { headerTableSize } }, async (each) => {
      assert.equal([await begins(each), await begins(each)], [true, false]);
    });
  }
});

test("a header table that stays the same or grows needs no size update", async () => {
  await withWire({ settings: { headerTableSize: 4_096 } }, async (each) => {
    assert.is(await begins(each), false);
    await settle(each, 65_536);
    assert.is(await begins(each), false);
  });
});

test("each lowering of the header table gets a size update, even if a later setting undoes it", async () => {
  await withWire({}, async (each) => {
    assert.is(await begins(each), false);
    await settle(each, 100);
    assert.is(await begins(each), true);
    await settle(each, 50, 8_192);
    assert.equal([await begins(each), await begins(each)], [true, false]);
    await settle(each, 8_192, 10);
    assert.is(await begins(each), true);
  });
});

test.run();
