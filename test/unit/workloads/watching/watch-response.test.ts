/** Feeds whole, reordered, cut and corrupt messages to the reader of watch responses. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeMessage } from "../../../../src/protos.ts";
import { WatchResponseReader } from "../../../../src/workloads/parts/watching/watch-response.ts";

const TYPE = "etcdserverpb.WatchResponse";

interface Seen {
  key: string;
  value: string;
  modRevision: number;
  isDelete: boolean;
}

function read(message: Uint8Array): { reader: WatchResponseReader; isOpen: boolean; seen: Seen[] } {
  // The message lies between other octets, as in a read buffer.
  const bytes = Buffer.concat([Buffer.alloc(3, 0xff), message, Buffer.alloc(3, 0xff)]);
  const reader = new WatchResponseReader();
  const isOpen = reader.open(bytes, 3, 3 + message.length);
  const seen: Seen[] = [];
  while (isOpen && reader.nextEvent()) {
    seen.push({
      key: bytes.toString("latin1", reader.keyStart, reader.keyEnd),
      value: bytes.toString("latin1", reader.valueStart, reader.valueEnd),
      modRevision: reader.modRevision,
      isDelete: reader.isDelete,
    });
  }
  return { reader, isOpen, seen };
}

function event(key: string, value: string, modRevision: number, more: object = {}) {
  return {
    kv: { key: Buffer.from(key), value: Buffer.from(value), modRevision, createRevision: 2 },
    ...more,
  };
}

const THREE = encodeMessage(TYPE, {
  header: { clusterId: "14841639068965178418", memberId: "10276657743932975437", revision: 300 },
  watchId: 200,
  events: [
    event("a", "one", 298),
    event("b", "", 2 ** 40, { prevKv: { key: Buffer.from("x"), value: Buffer.from("y") } }),
    event("c", "three", 300, { type: "DELETE" }),
  ],
});

test("every event of a response is read, with any other fields around it", () => {
  const { reader, isOpen, seen } = read(THREE);
  assert.ok(isOpen);
  assert.is(reader.fault, "");
  assert.is(reader.watchId, 200);
  reader.open(THREE, 0, THREE.length);
  assert.is(reader.headerRevision, 300);
  assert.equal([reader.nextEvent(), reader.modRevision], [true, 298]);
  assert.equal(seen, [
    { key: "a", value: "one", modRevision: 298, isDelete: false },
    { key: "b", value: "", modRevision: 2 ** 40, isDelete: false },
    { key: "c", value: "three", modRevision: 300, isDelete: true },
  ]);
});

test("created, canceled and the reason are read, and also the watch_id -1 of a refused watcher", () => {
  const created = read(encodeMessage(TYPE, { watchId: 7, created: true })).reader;
  assert.equal([created.watchId, created.isCreated, created.isCanceled], [7, true, false]);
  const message = { watchId: -1, created: true, canceled: true, cancelReason: "not allowed" };
  const refused = read(encodeMessage(TYPE, message)).reader;
  assert.equal([refused.watchId, refused.isCreated, refused.isCanceled], [-1, true, true]);
  assert.is(refused.cancelReason, "not allowed");
});

test("fields in another order and unknown fields change nothing", () => {
  const events = encodeMessage(TYPE, { events: [event("k", "v", 9)] });
  const id = encodeMessage(TYPE, { watchId: 5 });
  // Field 99 in each wire type: varint, 64 bits, octets, 32 bits.
  const unknown = Buffer.concat([
    Buffer.from([0x98, 0x06, 0x96, 0x01]),
    Buffer.from([0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8]),
    Buffer.from([0x9a, 0x06, 2, 0x0b, 0x0b]),
    Buffer.from([0x9d, 0x06, 1, 2, 3, 4]),
  ]);
  const { reader, seen } = read(Buffer.concat([events, unknown, id]));
  assert.is(reader.watchId, 5);
  assert.equal(seen, [{ key: "k", value: "v", modRevision: 9, isDelete: false }]);
});

test("a message cut inside a field is refused or read up to the cut, never beyond it", () => {
  let refused = 0;
  for (let length = 0; length < THREE.length; length++) {
    const { reader, isOpen, seen } = read(THREE.subarray(0, length));
    assert.ok(seen.length <= 2, `${length}`);
    assert.is(isOpen && reader.fault === "", reader.fault === "", `${length}`);
    if (!isOpen) refused += 1;
  }
  assert.ok(refused > THREE.length - 10, `${refused} of ${THREE.length}`);
});

test("a corrupt octet makes a fault or another value, and never an exception or a hang", () => {
  let faults = 0;
  for (let at = 0; at < THREE.length; at++) {
    for (const octet of [0x00, 0x07, 0x7f, 0x80, 0xff]) {
      const garbled = Buffer.from(THREE);
      garbled[at] = octet;
      const { reader, seen } = read(garbled);
      assert.ok(seen.length <= 4);
      if (reader.fault !== "") faults += 1;
    }
  }
  assert.ok(faults > 0);
});

test("an event whose key-value is cut is a fault of the message", () => {
  // Field 11 with a field 2 whose length exceeds the message.
  const { reader, seen } = read(Buffer.from([0x5a, 0x03, 0x12, 0x20, 0x0a]));
  assert.equal(seen, []);
  assert.match(reader.fault, /no protobuf/);
});

test.run();
