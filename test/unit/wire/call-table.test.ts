/** Reads gRPC messages from DATA, for any split of their octets. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CallTable } from "../../../src/wire/call-table.ts";
import { type CallListener, CallMode } from "../../../src/wire/transport.ts";
import { grpcMessage } from "../../peers/wire-peer.ts";

const SLOT = 0;

/** The messages that the listener got from `octets`, split at `cuts`, and the fault found. */
function scanned(mode: CallMode, octets: Uint8Array, cuts: readonly number[]) {
  const table = new CallTable(1);
  table.open(SLOT, 1, mode);
  const got: Buffer[] = [];
  const listener: CallListener = {
    onMessage: (_slot, bytes, start, end) =>
      got.push(Buffer.from(new Uint8Array(bytes.subarray(start, end)))),
    onCallEnd: () => {},
    onCallUnprocessed: () => {},
  };
  const bounds = [0, ...cuts.map((cut) => cut % (octets.length + 1)), octets.length];
  bounds.sort((a, b) => a - b);
  let fault = "";
  for (let index = 1; index < bounds.length && fault === ""; index++) {
    const piece = new Uint8Array(octets.subarray(bounds[index - 1]!, bounds[index]!));
    fault = table.scan(SLOT, piece, 0, piece.length, listener, 0);
  }
  return { got, fault, messages: table.messages[SLOT], isWhole: table.isBetweenMessages(SLOT) };
}

const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
const cuts = fc.array(fc.nat(), { maxLength: 12 });

test("messages arrive whole and in order for any split of their octets", () => {
  fc.assert(
    fc.property(messages, cuts, (sent, at) => {
      const octets = Buffer.concat(sent.map((message) => grpcMessage(Buffer.from(message))));
      const { got, ...state } = scanned(CallMode.STREAM, octets, at);
      assert.equal(
        got.map((message) => message.toString("hex")),
        sent.map((message) => Buffer.from(message).toString("hex")),
      );
      assert.equal(state, { fault: "", messages: sent.length, isWhole: true });
    }),
  );
});

test("a call that wants parts gets all octets in order, a call that wants none only counts messages", () => {
  fc.assert(
    fc.property(messages, cuts, (sent, at) => {
      const octets = Buffer.concat(sent.map((message) => grpcMessage(Buffer.from(message))));
      const parts = scanned(CallMode.SERVER_STREAM, octets, at);
      assert.equal(Buffer.concat(parts.got), Buffer.concat(sent));
      const counted = scanned(CallMode.UNARY, octets, at);
      assert.equal(counted.got, []);
      assert.equal([parts.messages, counted.messages], [sent.length, sent.length]);
    }),
  );
});

test("a message that is cut short does not count, and a compressed message is a fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), cuts, (message, at) => {
      const octets = grpcMessage(Buffer.from(message));
      const short = scanned(CallMode.STREAM, octets.subarray(0, -1), at);
      assert.equal([short.got, short.messages, short.isWhole], [[], 0, false]);
      octets[0] = 1;
      assert.match(scanned(CallMode.STREAM, octets, at).fault, /compressed/);
    }),
  );
});

test("a message above the limit is a fault at its first piece, but not for calls that keep no message", () => {
  const longest = 512 * 1024 * 1024;
  const start = (lengthBytes: number) => {
    const octets = Buffer.alloc(9);
    octets.writeUInt32BE(lengthBytes, 1);
    return octets;
  };
  for (const mode of [CallMode.UNARY_ANSWER, CallMode.STREAM, CallMode.ANSWERS]) {
    assert.match(scanned(mode, start(longest + 1), []).fault, /too long/);
    assert.is(scanned(mode, start(longest), []).fault, "");
  }
  for (const mode of [CallMode.UNARY, CallMode.UNARY_PARTS, CallMode.SERVER_STREAM]) {
    assert.is(scanned(mode, start(longest + 1), []).fault, "");
  }
});

test.run();
