/** Calls whose token was refused, between a transport and its listener that write down what they hear. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CallListener } from "../../../../src/load/transport.ts";
import { Status } from "../../../../src/load/wire/grpc-status.ts";
import { RenewingCalls } from "../../../../src/load/wire/renewing-calls.ts";
import { TokenHolder } from "../../../../src/load/wire/token-holder.ts";

const REFUSED = "etcdserver: invalid auth token";

function rig() {
  const heard: string[] = [];
  const asked: string[] = [];
  const listener: CallListener = {
    onCallEnd: (slot, status, message) => heard.push(`${slot} ends ${status} ${message}`),
    onMessage: (slot) => heard.push(`${slot} message`),
    onCallUnprocessed: (slot) => heard.push(`${slot} again`),
  };
  const holder = new TokenHolder("t1", (refused) => asked.push(refused));
  const calls = new RenewingCalls(holder, listener, 4);
  holder.onSettled = (failure) => calls.settle(failure);
  const refuse = (slot: number) => calls.onCallEnd(slot, Status.UNAUTHENTICATED, REFUSED, 1);
  return { heard, asked, holder, calls, refuse };
}

test("requests that were turned away are held, asked for once, and handed back as unprocessed", () => {
  const { heard, asked, holder, calls, refuse } = rig();
  for (const slot of [0, 1, 2]) calls.started(slot);
  for (const slot of [0, 1]) refuse(slot);
  assert.equal(asked, ["t1"]);
  assert.equal(heard, []);
  holder.renewed("t2");
  assert.equal(heard, ["0 again", "1 again"]);
  refuse(2);
  assert.equal(heard.slice(2), ["2 again"], "it was sent with the old token");
  assert.equal(asked, ["t1"]);
});

test("a request that is turned away twice has failed", () => {
  const { heard, holder, calls, refuse } = rig();
  calls.started(0);
  refuse(0);
  holder.renewed("t2");
  calls.started(0);
  refuse(0);
  assert.equal(heard, ["0 again", `0 ends ${Status.UNAUTHENTICATED} ${REFUSED}`]);
  calls.started(0);
  refuse(0);
  holder.renewed("t3");
  assert.is(heard.at(-1), "0 again", "the next request in the slot starts afresh");
});

test("without a new token what is held fails, and a final refusal is not asked about again", () => {
  const { heard, asked, holder, calls, refuse } = rig();
  calls.started(0);
  refuse(0);
  holder.failed("no etcd answers", false);
  assert.match(heard[0]!, /0 ends 16 .*invalid auth token; no new token: no etcd answers/);
  calls.started(0);
  refuse(0);
  assert.equal(asked, ["t1", "t1"]);
  holder.failed("wrong password", true);
  calls.started(1);
  refuse(1);
  assert.is(asked.length, 2);
  assert.is(heard.at(-1), `1 ends 16 ${REFUSED}`);
});

test("a call that is cancelled while it is held is forgotten", () => {
  const { heard, holder, calls, refuse } = rig();
  calls.started(0);
  refuse(0);
  assert.is(calls.cancel(0), true);
  assert.is(calls.cancel(1), false);
  holder.renewed("t2");
  assert.equal(heard, []);
});

test("other failures, and a stream that was at work, go through as they are", () => {
  const { heard, asked, calls, refuse } = rig();
  calls.started(0);
  calls.onCallEnd(0, Status.PERMISSION_DENIED, "etcdserver: permission denied", 1);
  calls.started(1);
  calls.onMessage(1, new Uint8Array(0), 0, 0, 1);
  refuse(1);
  assert.equal(asked, []);
  assert.equal(heard.length, 3);
});

test.run();
