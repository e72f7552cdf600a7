/** Lease renewals during the load: when they are sent, and which lease a response belongs to. */
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

test("each lease is renewed three times within its time to live, over one stream per connection", () => {
  const { sentBy, answer, expired } = kept();
  assert.equal(sentBy(0.9), []);
  assert.equal(sentBy(1.1), ["call 10: 100", "call 11: 101", "send 10: 102"]);
  for (const connection of [0, 0, 1]) answer(connection, 60);
  assert.equal(sentBy(1.9), []);
  assert.equal(sentBy(2.2), ["send 10: 100", "send 11: 101", "send 10: 102"]);
  assert.equal(expired, []);
});

test("a renewal is not repeated before its response", () => {
  const { sentBy, answer } = kept();
  sentBy(1.1);
  answer(0, 60);
  assert.equal(sentBy(2.2), ["send 10: 100"]);
});

test("responses come in the order of the requests on a stream; one without a TTL reports expiry", () => {
  const { sentBy, answer, expired } = kept();
  sentBy(1.1);
  answer(0, 60);
  answer(0, 0);
  answer(1, 0);
  assert.equal(expired, [2, 1]);
  answer(1, 0);
  assert.equal(expired, [2, 1], "an answer that nobody waits for says nothing");
});

test("a response for the previous lease does not affect the new one", () => {
  const { keepAlives, startNs, sentBy, answer, expired } = kept();
  sentBy(1.1);
  keepAlives.setLease(1, "201", startNs + 1.2 * PERIOD_NS);
  answer(1, 0);
  assert.equal(expired, []);
  answer(0, 60);
  answer(0, 60);
  assert.ok(sentBy(2.3).includes("send 11: 201"));
});

test("a client without a lease renews nothing", () => {
  const { keepAlives, startNs, sentBy } = kept();
  keepAlives.setLease(1, null, startNs);
  assert.equal(sentBy(1.1), ["call 10: 100", "send 10: 102"]);
});

test("the next renewals reopen a stream that has ended, and expect no response of the old one", () => {
  const { keepAlives, sentBy, answer, expired } = kept();
  sentBy(1.1);
  keepAlives.onStreamEnd(FIRST_SLOT);
  assert.equal(sentBy(2.2), ["call 10: 100", "send 10: 102"]);
  answer(0, 0);
  assert.equal(expired, [0]);
});

test.run();
