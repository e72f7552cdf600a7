/** Client sessions: when a lease is revoked or granted, and the state after failures. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import { CallMode, type RequestTemplate } from "../../../../src/wire/transport.ts";
import { Sessions } from "../../../../src/workloads/parts/contention/sessions.ts";

const OK = 0;
const NOT_FOUND = 5;
const UNAVAILABLE = 14;
const GRANT_ANSWER = "etcdserverpb.LeaseGrantResponse";

interface Sent {
  client: number;
  /** `revoke 100` or `grant 60`. */
  what: string;
}

function sessionsOf(...leases: string[]) {
  const sent: Sent[] = [];
  const done: number[] = [];
  const renewed: [number, string][] = [];
  const call = (client: number, template: RequestTemplate) => {
    sent.push({ client, what: String(Buffer.from(template.bytes)) });
  };
  const template = (path: string, message: Uint8Array) => {
    const what = path.endsWith("Revoke")
      ? `revoke ${decodeMessage<{ ID: string }>("etcdserverpb.LeaseRevokeRequest", message).ID}`
      : `grant ${decodeMessage<{ TTL: string }>("etcdserverpb.LeaseGrantRequest", message).TTL}`;
    const bytes = Buffer.from(what);
    return { path, bytes, messageOffset: 0, mode: CallMode.UNARY };
  };
  const host = {
    call,
    cancel() {},
    done: (client: number) => done.push(client),
    fail() {},
    count() {},
  };
  const onRenewed = (client: number, lease: string) => renewed.push([client, lease]);
  const revoked: number[] = [];
  const onRevoked = (client: number) => revoked.push(client);
  const transport = { template, call } as never;
  const sessions = new Sessions({ ttlSeconds: 60, leases, onRenewed, onRevoked }, host, transport);
  const last = () => sent.at(-1)?.what;
  const grant = (client: number, lease: string) => {
    const answer = encodeMessage(GRANT_ANSWER, { ID: lease, TTL: 60 });
    sessions.renewal.onMessage(client, answer, 0, answer.length, 0);
    sessions.renewal.onAnswered(client, 0);
  };
  return { sessions, sent, done, renewed, revoked, last, grant };
}

test("a session is alive from the start and sends nothing", () => {
  const { sessions, sent } = sessionsOf("100", "200");
  assert.equal([sessions.isAlive(0), sessions.isAlive(1)], [true, true]);
  assert.equal(sent, []);
});

test("an abandoned session is revoked at once, and the next operation waits for the revoke", () => {
  const { sessions, sent, last, grant, done, renewed } = sessionsOf("100", "200");
  sessions.abandon(1);
  assert.equal(sent, [{ client: 1, what: "revoke 200" }]);
  assert.equal([sessions.isAlive(0), sessions.isAlive(1)], [true, false]);
  sessions.renewal.start(1, 0);
  assert.is(sent.length, 1, "the revoke that is under way is not sent twice");
  sessions.renewal.onAnswered(1, 0);
  assert.is(last(), "grant 60");
  grant(1, "300");
  assert.is(sessions.isAlive(1), true);
  assert.equal([done, renewed], [[1], [[1, "300"]]]);
  sessions.abandon(1);
  assert.is(last(), "revoke 300", "the new lease is the one that is revoked next");
});

test("after a revoke that ended between operations only a grant is sent", () => {
  for (const status of [OK, NOT_FOUND]) {
    const { sessions, sent, last, revoked } = sessionsOf("100");
    sessions.abandon(0);
    assert.is(sessions.settled(0, status, 0), false);
    assert.equal(revoked, status === OK ? [0] : [], "what etcd did not know was not revoked");
    sessions.renewal.start(0, 0);
    assert.is(last(), "grant 60");
    assert.is(sent.length, 2);
  }
});

test("a failed revoke leaves the lease in doubt and is sent again", () => {
  const { sessions, sent } = sessionsOf("100");
  sessions.abandon(0);
  sessions.settled(0, UNAVAILABLE, 0);
  sessions.renewal.start(0, 0);
  assert.equal(
    sent.map(({ what }) => what),
    ["revoke 100", "revoke 100"],
  );
});

test("a revoke of a lease that is gone counts as done, but a refused grant does not", () => {
  const { sessions } = sessionsOf("100");
  sessions.abandon(0);
  assert.equal(
    [sessions.isSettledBy(0, NOT_FOUND), sessions.isSettledBy(0, UNAVAILABLE)],
    [true, false],
  );
  sessions.renewal.onAnswered(0, 0);
  assert.equal([sessions.isSettledBy(0, NOT_FOUND), sessions.isSettledBy(0, OK)], [false, true]);
});

test("a failed grant is sent again, and nothing is revoked", () => {
  const { sessions, sent } = sessionsOf("100");
  sessions.expired(0);
  sessions.renewal.start(0, 0);
  assert.is(sessions.settled(0, UNAVAILABLE, 0), false);
  sessions.renewal.start(0, 0);
  assert.equal(
    sent.map(({ what }) => what),
    ["grant 60", "grant 60"],
  );
});

test("a lease id of 63 bits is kept to the last digit", () => {
  const { sessions, grant, renewed } = sessionsOf("100");
  sessions.expired(0);
  sessions.renewal.start(0, 0);
  grant(0, "9223372036854775807");
  assert.equal(renewed, [[0, "9223372036854775807"]]);
});

test.run();
