/** Renewals beside the load: when they are asked for, whose an answer is, and what it says. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs as clockNs } from "../../../../src/clock.ts";
import { decodeMessage } from "../../../../src/protos.ts";
import { KeepAlives } from "../../../../src/workloads/parts/contention/keep-alives.ts";

const FIRST_SLOT = 10;
/** A third of the time to live. */
const PERIOD_NS = 20e9;

/** Clients 0 and 2 renew over connection 0, client 1 over connection 1. */
function kept() {
  const sent: string[] = [];
  const expired: number[] = [];
  const note = (how: string) => (slot: number, template: { bytes: Buffer }) => {
    const { ID } = decodeMessage<{ ID: string }>(
      "etcdserverpb.LeaseKeepAliveRequest",
      template.bytes,
    );
    sent.push(`${how} ${slot}: ${ID}`);
  };
  const transport = {
    template: (path: string, message: Uint8Array) => ({ path, bytes: Buffer.from(message) }),
    call: note("call"),
    send: note("send"),
  } as never;
  const leases = ["100", "101", "102"];
  const shape = { clientConnections: [0, 1, 0], connections: 2, firstSlot: FIRST_SLOT };
  const keepAlives = new KeepAlives({ ttlSeconds: 60, leases, ...shape }, transport, (client) =>
    expired.push(client),
  );
  const startNs = clockNs();
  const answer = (connection: number, ttl: number) => {
    const bytes = ttl === 0 ? Buffer.alloc(0) : Buffer.from([0x18, ttl]);
    keepAlives.onMessage(FIRST_SLOT + connection, bytes, 0, bytes.length, startNs);
  };
  const sentBy = (periods: number) => {
    const before = sent.length;
    keepAlives.tick(startNs + periods * PERIOD_NS);
    return sent.slice(before);
  };
  return { keepAlives, startNs, expired, answer, sentBy };
}

test("each lease is renewed three times within its time, over one stream for each connection", () => {
  const { sentBy, answer, expired } = kept();
  assert.equal(sentBy(0.9), []);
  assert.equal(sentBy(1.1), ["call 10: 100", "call 11: 101", "send 10: 102"]);
  for (const connection of [0, 0, 1]) answer(connection, 60);
  assert.equal(sentBy(1.9), []);
  assert.equal(sentBy(2.2), ["send 10: 100", "send 11: 101", "send 10: 102"]);
  assert.equal(expired, []);
});

test("what is not answered yet is not asked for again", () => {
  const { sentBy, answer } = kept();
  sentBy(1.1);
  answer(0, 60);
  assert.equal(sentBy(2.2), ["send 10: 100"]);
});

test("an answer is that of the request before it on its stream; without a time to live it is expired", () => {
  const { sentBy, answer, expired } = kept();
  sentBy(1.1);
  answer(0, 60);
  answer(0, 0);
  answer(1, 0);
  assert.equal(expired, [2, 1]);
  answer(1, 0);
  assert.equal(expired, [2, 1], "an answer that nobody waits for says nothing");
});

test("what an answer says of the lease before is not held against the new one", () => {
  const { keepAlives, startNs, sentBy, answer, expired } = kept();
  sentBy(1.1);
  keepAlives.setLease(1, "201", startNs + 1.2 * PERIOD_NS);
  answer(1, 0);
  assert.equal(expired, []);
  answer(0, 60);
  answer(0, 60);
  assert.ok(sentBy(2.3).includes("send 11: 201"));
});

test("without a lease there is nothing to renew", () => {
  const { keepAlives, startNs, sentBy } = kept();
  keepAlives.setLease(1, null, startNs);
  assert.equal(sentBy(1.1), ["call 10: 100", "send 10: 102"]);
});

test("a stream that has ended is opened again by the next renewals, which wait for no old answer", () => {
  const { keepAlives, sentBy, answer, expired } = kept();
  sentBy(1.1);
  keepAlives.onStreamEnd(FIRST_SLOT);
  assert.equal(sentBy(2.2), ["call 10: 100", "send 10: 102"]);
  answer(0, 0);
  assert.equal(expired, [0]);
});

test.run();
