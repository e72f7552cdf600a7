/** gRPC's messages out of DATA, however their octets are cut into pieces. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CallTable } from "../../../src/wire/call-table.ts";
import { type CallListener, CallMode } from "../../../src/wire/transport.ts";
import { grpcMessage } from "../../peers/wire-peer.ts";

const SLOT = 0;

/** What the listener got of `octets`, cut at `cuts`, and what was found wrong. */
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

test("messages come whole and in order, however their octets are cut", () => {
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

test("in parts their octets come in order, and answers that are not wanted are counted alone", () => {
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

test("a message that is cut short is none, and one that is compressed is a fault", () => {
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

test("a message longer than may be kept is a fault from its first piece on, and in parts none", () => {
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
