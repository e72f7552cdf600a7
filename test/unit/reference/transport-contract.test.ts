/** What the driver and the workloads need from the wire transport and the grpc-js reference. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../src/wire/grpc-status.ts";
import { CallMode } from "../../../src/wire/transport.ts";
import { contract, ONE, PATH, patch } from "./transport-rig.ts";

contract("opens each connection separately", { connections: 3, slots: 6 }, async (rig) => {
  await rig.server.until(() => rig.server.connections === 3, "3 connections");
  assert.is(rig.transport.readyConnections, 3);
  const template = rig.transport.template(PATH, Buffer.from("x"));
  const sessions = new Map<number, unknown>();
  for (let slot = 0; slot < 6; slot++) {
    rig.call(slot, template);
    const call = await rig.server.accept();
    sessions.set(slot, call.connection);
    call.answer();
    await rig.log.next();
  }
  assert.is(new Set(sessions.values()).size, 3);
  for (let slot = 0; slot < 3; slot++) assert.is(sessions.get(slot), sessions.get(slot + 3));
});

contract("sends the message unchanged, and reports OK once", ONE, async (rig) => {
  const message = Buffer.from([0, 1, 2, 0xff, 0x80, 0]);
  rig.call(0, rig.transport.template(PATH, message));
  const call = await rig.server.accept();
  assert.is(call.path, PATH);
  assert.equal(await call.expectMessages(1), [message]);
  await rig.server.until(() => call.hasEnded, "the end of the request");
  call.answer(Buffer.from("answer"));
  assert.equal(await rig.log.next(), { slot: 0, status: Status.OK, message: "" });
  assert.equal(rig.log.messages, []);
});

contract(
  "a template may be patched as soon as the call is made",
  { connections: 1, slots: 5 },
  async (rig) => {
    const template = rig.transport.template(PATH, Buffer.from("slot ?"));
    for (let slot = 0; slot < 5; slot++) {
      patch(template, Buffer.from(`slot ${slot}`));
      rig.log.inFlight.add(slot);
      rig.transport.call(slot, template);
    }
    patch(template, Buffer.from("nobody"));
    rig.transport.flush();
    const seen: string[] = [];
    for (let slot = 0; slot < 5; slot++) {
      const call = await rig.server.accept();
      seen.push(String((await call.expectMessages(1))[0]));
      call.answer();
      await rig.log.next();
    }
    assert.equal(seen, ["slot 0", "slot 1", "slot 2", "slot 3", "slot 4"]);
  },
);

contract("an empty message is a message", ONE, async (rig) => {
  rig.call(0, rig.transport.template(PATH, Buffer.alloc(0)));
  const call = await rig.server.accept();
  assert.equal(await call.expectMessages(1), [Buffer.alloc(0)]);
  call.answer();
  assert.is(await rig.log.nextStatus(), Status.OK);
});

contract("large messages pass both ways", ONE, async (rig) => {
  const message = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) & 0xff));
  rig.call(0, rig.transport.template(PATH, message, CallMode.UNARY_ANSWER));
  const call = await rig.server.accept();
  assert.ok((await call.expectMessages(1))[0]!.equals(message));
  call.answer(message.subarray(1));
  assert.is(await rig.log.nextStatus(), Status.OK);
  assert.is(rig.log.messages.length, 1);
  assert.ok(rig.log.messages[0]![1].equals(message.subarray(1)));
});

contract("a requested answer is delivered before the end", ONE, async (rig) => {
  const template = rig.transport.template(PATH, Buffer.from("x"), CallMode.UNARY_ANSWER);
  let messagesAtEnd = -1;
  rig.log.onEnd = () => {
    messagesAtEnd = rig.log.messages.length;
  };
  rig.call(0, template);
  (await rig.server.accept()).answer(Buffer.from("answer"));
  assert.is(await rig.log.nextStatus(), Status.OK);
  assert.is(messagesAtEnd, 1);
  assert.equal(rig.log.messages, [[0, Buffer.from("answer")]]);
});

contract("a call may be made within the end of another", ONE, async (rig) => {
  const template = rig.transport.template(PATH, Buffer.from("x"));
  rig.log.onEnd = () => {
    if (rig.log.ends.length < 20) {
      rig.log.inFlight.add(0);
      rig.transport.call(0, template);
    }
  };
  rig.call(0, template);
  for (let call = 0; call < 20; call++) (await rig.server.accept()).answer();
  for (let call = 0; call < 20; call++) assert.is(await rig.log.nextStatus(), Status.OK);
});

contract(
  "calls of many slots end each once, in any order",
  { connections: 2, slots: 40 },
  async (rig) => {
    const template = rig.transport.template(PATH, Buffer.from("x"));
    for (let slot = 0; slot < 40; slot++) rig.call(slot, template);
    const calls = [];
    for (let call = 0; call < 40; call++) calls.push(await rig.server.accept());
    for (const [index, call] of calls.reverse().entries()) {
      if (index % 4 === 0) call.failAtOnce(Status.ABORTED, "no");
      else call.answer();
    }
    const slots = new Set<number>();
    let failed = 0;
    for (let call = 0; call < 40; call++) {
      const { slot, status } = await rig.log.next();
      slots.add(slot);
      if (status === Status.ABORTED) failed += 1;
    }
    assert.equal([slots.size, failed, rig.log.inFlight.size], [40, 10, 0]);
  },
);

contract(
  "closing the transport ends its connections",
  { connections: 2, slots: 2 },
  async (rig) => {
    await rig.server.until(() => rig.server.connections === 2, "2 connections");
    rig.transport.close();
    await rig.server.until(() => rig.server.connections === 0, "the end of both");
  },
);

contract(
  "how many streams the server allows is known by connection",
  { connections: 2, slots: 2 },
  async (rig) => {
    const { streamLimits } = rig.transport;
    assert.is(streamLimits!.length, 2);
    assert.ok(streamLimits!.every((limit) => limit === streamLimits![0] && limit > 0));
  },
);

contract(
  "counts what each connection sent and holds open, and nothing on one without calls",
  { connections: 3, slots: 4 },
  async (rig) => {
    const unary = rig.transport.template(PATH, Buffer.from("x"));
    const stream = rig.transport.template(PATH, Buffer.from("s"), CallMode.STREAM);
    for (const slot of [0, 3]) {
      rig.call(slot, unary);
      (await rig.server.accept()).answer();
      await rig.log.next();
    }
    rig.call(1, stream);
    const call = await rig.server.accept();
    await call.expectMessages(1);
    for (let message = 0; message < 2; message++) rig.transport.send(1, stream);
    rig.transport.flush();
    await call.expectMessages(2);
    const rest = { sent: 0, open: 0 };
    assert.equal(rig.transport.carried, [{ sent: 2, open: 0 }, { sent: 3, open: 1 }, rest]);
    rig.cancel(1);
    assert.equal(rig.transport.carried, [{ sent: 2, open: 0 }, { sent: 3, open: 0 }, rest]);
  },
);

contract("counts a call when it leaves, and those of connections that ended", ONE, async (rig) => {
  const template = rig.transport.template(PATH, Buffer.from("x"));
  rig.call(0, template);
  await (await rig.server.accept()).expectMessages(1);
  rig.server.dropConnections();
  await rig.log.next();
  await rig.server.until(() => rig.transport.readyConnections === 0, "the end of the connection");
  rig.call(0, template);
  assert.is(rig.transport.carried[0]!.sent, 1);
  (await rig.server.accept()).answer();
  assert.is(await rig.log.nextStatus(), Status.OK);
  assert.equal(rig.transport.carried, [{ sent: 2, open: 0 }]);
});

test.run();
