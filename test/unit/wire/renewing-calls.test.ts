/** Calls whose token was refused; transport and listener record every callback. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { isTokenRefused } from "../../../src/access/token-refused.ts";
import { nowNs } from "../../../src/clock.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { MOST_RESENDS, RenewingCalls } from "../../../src/wire/renewing-calls.ts";
import { RENEWAL_PAUSE_MS, TokenHolder } from "../../../src/wire/token-holder.ts";
import { type CallListener, CallMode } from "../../../src/wire/transport.ts";

const REFUSED = "etcdserver: invalid auth token";

function rig() {
  const heard: string[] = [];
  const asked: string[] = [];
  const listener: CallListener = {
    onCallEnd: (slot, status, message) => heard.push(`${slot} ends ${status} ${message}`),
    onMessage: (slot) => heard.push(`${slot} message`),
    onCallUnprocessed: (slot, _nowNs, isTokenRenewed) => {
      heard.push(`${slot} again`);
      assert.is(isTokenRenewed, true);
      // A workload does this before it returns.
      onAgain(slot);
    },
  };
  let onAgain: (slot: number) => void = () => {};
  const sendAgain = (mode: CallMode) => {
    onAgain = (slot) => calls.started(slot, mode);
  };
  const holder = new TokenHolder("t1", (refused) => asked.push(refused), isTokenRefused);
  const calls = new RenewingCalls(holder, listener, 4);
  holder.onSettled = (failure) => calls.settle(failure);
  const refuse = (slot: number, now = nowNs()) =>
    calls.onCallEnd(slot, Status.UNAUTHENTICATED, REFUSED, now);
  return { heard, asked, holder, calls, refuse, sendAgain };
}

test("requests with a refused token are held, one renewal is requested, and they return as unprocessed", () => {
  const { heard, asked, holder, calls, refuse } = rig();
  for (const slot of [0, 1, 2]) calls.started(slot, CallMode.UNARY);
  for (const slot of [0, 1]) refuse(slot);
  assert.equal(asked, ["t1"]);
  assert.equal(heard, []);
  holder.renewed("t2");
  assert.equal(heard, ["0 again", "1 again"]);
  refuse(2);
  assert.equal(heard.slice(2), ["2 again"], "it was sent with the old token");
  assert.equal(asked, ["t1"]);
});

test("a request is sent again with each new token, up to a limit", () => {
  const { heard, holder, calls, refuse, sendAgain } = rig();
  sendAgain(CallMode.UNARY);
  calls.started(0, CallMode.UNARY);
  for (let turn = 0; turn < MOST_RESENDS; turn++) {
    refuse(0);
    holder.renewed(`t${turn + 2}`);
  }
  assert.equal(heard, new Array(MOST_RESENDS).fill("0 again"));
  refuse(0);
  assert.is(heard.at(-1), `0 ends ${Status.UNAUTHENTICATED} ${REFUSED}`);
  calls.started(0, CallMode.UNARY);
  refuse(0);
  holder.renewed("later");
  assert.is(heard.at(-1), "0 again", "the next request in the slot starts afresh");
});

test("a stream whose message was refused because of the token restarts, up to a limit", () => {
  const { heard, asked, holder, calls, sendAgain } = rig();
  sendAgain(CallMode.STREAM);
  calls.started(0, CallMode.STREAM);
  assert.is(calls.canRenew(0, "etcdserver: permission denied", 1), false);
  for (let turn = 0; turn < MOST_RESENDS; turn++) {
    calls.onMessage(0, Buffer.alloc(1), 0, 1, 1);
    assert.is(calls.canRenew(0, REFUSED, 1), true);
    calls.hold(0, REFUSED, 1);
    holder.renewed(`t${turn + 2}`);
  }
  assert.is(asked.length, MOST_RESENDS);
  assert.is(heard.filter((each) => each === "0 again").length, MOST_RESENDS);
  assert.is(calls.canRenew(0, REFUSED, 1), false);
});

test("a stream that answered before its message was refused restarts, however often that happens", () => {
  const { asked, holder, calls, sendAgain } = rig();
  sendAgain(CallMode.STREAM);
  calls.started(0, CallMode.STREAM);
  for (let turn = 0; turn < 3 * MOST_RESENDS; turn++) {
    for (let message = 0; message < 2; message++) calls.onMessage(0, Buffer.alloc(1), 0, 1, 1);
    assert.is(calls.canRenew(0, REFUSED, 1), true, `turn ${turn}`);
    calls.hold(0, REFUSED, 1);
    holder.renewed(`t${turn + 2}`);
  }
  assert.is(asked.length, 3 * MOST_RESENDS);
});

test("after a failed renewal calls fail with its reason, and the next renewal is requested after a pause", () => {
  const { heard, asked, holder, calls, refuse } = rig();
  const noToken = (slot: number) =>
    `${slot} ends 16 ${REFUSED}; no new token: the user is not there`;
  for (const slot of [0, 1, 2]) calls.started(slot, CallMode.UNARY);
  refuse(0);
  holder.failed("the user is not there");
  assert.equal(heard, [noToken(0)]);
  refuse(1);
  assert.is(calls.canRenew(2, REFUSED, nowNs()), false);
  assert.equal(heard.slice(1), [noToken(1)]);
  assert.equal(asked, ["t1"], "one renewal, however many calls are refused");
  const later = nowNs() + 1.01 * RENEWAL_PAUSE_MS * 1e6;
  assert.is(calls.canRenew(2, REFUSED, later), true);
  for (const slot of [0, 1]) {
    calls.started(slot, CallMode.UNARY);
    refuse(slot, later);
  }
  assert.equal(asked, ["t1", "t1"]);
  holder.renewed("t2");
  assert.equal(heard.slice(2), ["0 again", "1 again"]);
});

test("a call that was sent before a new token returns, even if the renewal after that failed", () => {
  const { heard, holder, calls, refuse } = rig();
  for (const slot of [0, 1]) calls.started(slot, CallMode.UNARY);
  refuse(0);
  holder.renewed("t2");
  calls.started(2, CallMode.UNARY);
  refuse(2);
  holder.failed("the user is not there");
  refuse(1);
  assert.is(heard.at(-1), "1 again");
});

test("a call that is cancelled while it is held is not returned", () => {
  const { heard, holder, calls, refuse } = rig();
  calls.started(0, CallMode.UNARY);
  refuse(0);
  assert.is(calls.cancel(0), true);
  assert.is(calls.cancel(1), false);
  holder.renewed("t2");
  assert.equal(heard, []);
});

test("other failures, and calls with a partial response, are passed on unchanged", () => {
  const { heard, asked, calls, refuse } = rig();
  calls.started(0, CallMode.UNARY);
  calls.onCallEnd(0, Status.PERMISSION_DENIED, "etcdserver: permission denied", 1);
  calls.started(1, CallMode.SERVER_STREAM);
  calls.onMessage(1, new Uint8Array(0), 0, 0, 1);
  refuse(1);
  assert.equal(asked, []);
  assert.equal(heard.length, 3);
});

test("a stream that worked until its token expired restarts, however often that happens", () => {
  const { heard, holder, calls, refuse, sendAgain } = rig();
  sendAgain(CallMode.STREAM);
  calls.started(0, CallMode.STREAM);
  for (let turn = 0; turn < 2 * MOST_RESENDS; turn++) {
    calls.onMessage(0, new Uint8Array(0), 0, 0, 1);
    refuse(0);
    holder.renewed(`t${turn + 2}`);
  }
  assert.is(heard.filter((each) => each === "0 again").length, 2 * MOST_RESENDS);
});

test("a token error that the lock and election services pass on is also a refused token", () => {
  const { asked, calls } = rig();
  const refusals = [
    [Status.UNKNOWN, REFUSED],
    [Status.UNKNOWN, "rpc error: code = Unauthenticated desc = etcdserver: invalid auth token"],
    [Status.UNKNOWN, "etcdserver: revision of auth store is old"],
  ] as const;
  for (const [slot, [status, message]] of refusals.entries()) {
    calls.started(slot, CallMode.UNARY);
    calls.onCallEnd(slot, status, message, 1);
  }
  assert.equal(asked, ["t1"]);
  calls.started(3, CallMode.UNARY);
  calls.onCallEnd(3, Status.UNKNOWN, "etcdserver: lease not found", 1);
});

test.run();
