/** Streams and answers in parts, over the wire transport and the grpc-js reference. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../src/wire/grpc-status.ts";
import { CallMode } from "../../../src/wire/transport.ts";
import { contract, ONE, PATH, patch } from "./transport-rig.ts";

contract(
  "an answer in parts arrives whole and in order, and so does a stream of answers",
  ONE,
  async (rig) => {
    const message = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => (at * 7) % 251));
    const received = () => Buffer.concat(rig.log.messages.map(([, bytes]) => bytes));
    rig.call(0, rig.transport.template(PATH, Buffer.from("x"), CallMode.UNARY_PARTS));
    (await rig.server.accept()).answer(message);
    assert.equal(await rig.log.next(), { slot: 0, status: Status.OK, message: "" });
    assert.ok(received().equals(message));

    rig.log.messages.length = 0;
    rig.call(0, rig.transport.template(PATH, Buffer.from("all"), CallMode.SERVER_STREAM));
    const call = await rig.server.accept();
    assert.equal((await call.expectMessages(1)).map(String), ["all"]);
    await rig.server.until(() => call.hasEnded, "the end of the request");
    call.sendHeaders();
    for (const part of ["one ", "", "two "]) call.sendMessage(Buffer.from(part));
    call.sendMessage(message);
    call.end(Status.OK);
    assert.equal(await rig.log.next(), { slot: 0, status: Status.OK, message: "" });
    assert.ok(received().equals(Buffer.concat([Buffer.from("one two "), message])));
  },
);

contract("a stream of answers may be empty, and its failure is reported", ONE, async (rig) => {
  const template = rig.transport.template(PATH, Buffer.from("all"), CallMode.SERVER_STREAM);
  rig.call(0, template);
  const empty = await rig.server.accept();
  empty.sendHeaders();
  empty.end(Status.OK);
  assert.equal(await rig.log.next(), { slot: 0, status: Status.OK, message: "" });
  rig.call(0, template);
  const failed = await rig.server.accept();
  failed.sendHeaders();
  failed.sendMessage(Buffer.from("one"));
  failed.end(Status.OUT_OF_RANGE, "compacted");
  const end = { slot: 0, status: Status.OUT_OF_RANGE, message: "compacted" };
  assert.equal(await rig.log.next(), end);
});

contract("messages of a stream pass both ways until the server ends it", ONE, async (rig) => {
  const template = rig.transport.template(PATH, Buffer.from("hello"), CallMode.STREAM);
  rig.call(0, template);
  const call = await rig.server.accept();
  await call.expectMessages(1);
  assert.not(call.hasEnded);
  call.sendHeaders();
  call.sendMessage(Buffer.from("one"));
  call.sendMessage(Buffer.alloc(0));
  patch(template, Buffer.from("again"));
  rig.transport.send(0, template);
  rig.transport.flush();
  assert.equal((await call.expectMessages(2)).map(String), ["hello", "again"]);
  call.sendMessage(Buffer.from("two"));
  call.end(Status.OK);
  assert.equal(await rig.log.next(), { slot: 0, status: Status.OK, message: "" });
  assert.equal(
    rig.log.messages.map(([slot, bytes]) => [slot, String(bytes)]),
    [
      [0, "one"],
      [0, ""],
      [0, "two"],
    ],
  );
  await rig.server.until(() => call.resetCode !== null, "the client's end of the stream");
  // On a stream that has ended, sending does nothing.
  rig.transport.send(0, template);
  rig.transport.flush();
});

contract(
  "of two messages that come together the second is no later than what is sent upon the first",
  ONE,
  async (rig) => {
    const template = rig.transport.template(PATH, Buffer.from("hello"), CallMode.STREAM);
    rig.call(0, template);
    const call = await rig.server.accept();
    await call.expectMessages(1);
    const times: number[] = [];
    rig.log.onEach = (slot, nowNs) => {
      times.push(nowNs);
      rig.server.wake();
      if (times.length % 2 === 0) return;
      rig.transport.send(slot, template);
      rig.transport.flush();
    };
    call.sendHeaders();
    for (const sent of [2, 3]) {
      call.sendMessages([Buffer.from("one"), Buffer.from("two")]);
      await call.expectMessages(sent);
      await rig.server.until(() => times.length === (sent - 1) * 2, "both messages");
    }
    call.end(Status.OK);
    await rig.log.next();
    assert.is(times[1], times[0]);
    assert.is(times[3], times[2]);
    assert.ok(times[2]! > times[1]!, "a message that comes after the one sent has its own time");
  },
);

contract(
  "a stream ends with the server's failure, and can be cancelled",
  { connections: 1, slots: 2 },
  async (rig) => {
    const template = rig.transport.template(PATH, Buffer.from("hello"), CallMode.STREAM);
    rig.call(0, template);
    const failed = await rig.server.accept();
    await failed.expectMessages(1);
    failed.sendHeaders();
    failed.sendMessage(Buffer.from("one"));
    failed.end(Status.OUT_OF_RANGE, "compacted");
    assert.equal(await rig.log.next(), {
      slot: 0,
      status: Status.OUT_OF_RANGE,
      message: "compacted",
    });
    rig.call(1, template);
    const cancelled = await rig.server.accept();
    cancelled.sendHeaders();
    cancelled.sendMessage(Buffer.from("two"));
    await cancelled.expectMessages(1);
    rig.cancel(1);
    await rig.server.until(() => cancelled.resetCode !== null, "the reset");
    assert.is(cancelled.resetCode, 8);
    assert.is(rig.log.ends.length, 1);
  },
);

contract(
  "a call for many answers ends its side after one message, and gets every answer",
  ONE,
  async (rig) => {
    const template = rig.transport.template(PATH, Buffer.from("hello"), CallMode.ANSWERS);
    rig.call(0, template);
    const call = await rig.server.accept();
    assert.equal((await call.expectMessages(1)).map(String), ["hello"]);
    await rig.server.until(() => call.hasEnded, "the client's end of its side");
    call.sendHeaders();
    call.sendMessage(Buffer.from("one"));
    call.sendMessage(Buffer.from("two"));
    call.end(Status.OK);
    assert.equal(await rig.log.next(), { slot: 0, status: Status.OK, message: "" });
    assert.equal(
      rig.log.messages.map(([, bytes]) => String(bytes)),
      ["one", "two"],
    );
  },
);

test.run();
