/** What the driver and the workloads rely on, of the wire transport and of the grpc-js reference. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs } from "../../../src/load/clock.ts";
import {
  CallMode,
  type RequestTemplate,
  type Transport,
  type TransportFactory,
} from "../../../src/load/transport.ts";
import { Status } from "../../../src/load/wire/grpc-status.ts";
import { WireTransport } from "../../../src/load/wire/wire-transport.ts";
import { GrpcJsTransport } from "../../../src/reference/grpc-js-transport.ts";
import { CallLog } from "../load/wire/wire-client.ts";
import { GrpcServer } from "./grpc-server.ts";

const TRANSPORTS: [name: string, make: TransportFactory][] = [
  ["wire", (options) => new WireTransport(options)],
  ["grpc-js", (options) => new GrpcJsTransport(options)],
];

const PATH = "/test.Service/Method";

interface Rig {
  server: GrpcServer;
  transport: Transport;
  log: CallLog;
  /** Starts a call and flushes it. */
  call(slot: number, template: RequestTemplate): void;
  cancel(slot: number): void;
}

async function withTransport(
  make: TransportFactory,
  shape: { connections: number; slots: number },
  run: (rig: Rig) => Promise<void>,
): Promise<void> {
  const server = new GrpcServer();
  const endpoint = await server.listen();
  const log = new CallLog();
  const transport = make({
    connectionEndpoints: new Array(shape.connections).fill(endpoint),
    slotConnections: Array.from({ length: shape.slots }, (_, slot) => slot % shape.connections),
    listener: log,
  });
  try {
    await transport.open();
    await run({
      server,
      transport,
      log,
      call(slot, template) {
        log.inFlight.add(slot);
        transport.call(slot, template);
        transport.flush();
      },
      cancel(slot) {
        log.inFlight.delete(slot);
        transport.cancel(slot);
        transport.flush();
      },
    });
    assert.is(log.fault, null);
  } finally {
    transport.close();
    await server.close();
  }
}

/** The message behind whatever the transport puts in front. */
function patch(template: RequestTemplate, message: Uint8Array): void {
  template.bytes.set(message, template.messageOffset);
}

for (const [name, make] of TRANSPORTS) {
  const contract = (
    promise: string,
    shape: { connections: number; slots: number },
    run: (rig: Rig) => Promise<void>,
  ) => test(`${name}: ${promise}`, () => withTransport(make, shape, run));
  const ONE = { connections: 1, slots: 1 };

  contract("opens each connection as one of its own", { connections: 3, slots: 6 }, async (rig) => {
    await rig.server.until(() => rig.server.sessions.size === 3, "3 connections");
    assert.is(rig.transport.readyConnections, 3);
    const template = rig.transport.template(PATH, Buffer.from("x"));
    const sessions = new Map<number, unknown>();
    for (let slot = 0; slot < 6; slot++) {
      rig.call(slot, template);
      const call = await rig.server.accept();
      sessions.set(slot, call.stream.session);
      call.answer();
      await rig.log.next();
    }
    assert.is(new Set(sessions.values()).size, 3);
    for (let slot = 0; slot < 3; slot++) assert.is(sessions.get(slot), sessions.get(slot + 3));
  });

  contract("carries the message as it is, and reports OK once", ONE, async (rig) => {
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

  contract(
    "a failure has its code and its message decoded, behind headers or alone",
    ONE,
    async (rig) => {
      const template = rig.transport.template(PATH, Buffer.from("x"));
      rig.call(0, template);
      const first = await rig.server.accept();
      first.sendHeaders();
      first.end(Status.UNAVAILABLE, "etcdserver: 50% of café");
      assert.equal(await rig.log.next(), {
        slot: 0,
        status: Status.UNAVAILABLE,
        message: "etcdserver: 50% of café",
      });
      rig.call(0, template);
      (await rig.server.accept()).failAtOnce(Status.RESOURCE_EXHAUSTED, "too many");
      assert.equal(await rig.log.next(), {
        slot: 0,
        status: Status.RESOURCE_EXHAUSTED,
        message: "too many",
      });
    },
  );

  contract(
    "an HTTP answer that is not gRPC means the code of gRPC's own table",
    ONE,
    async (rig) => {
      const template = rig.transport.template(PATH, Buffer.from("x"));
      for (const [http, status] of [
        [503, Status.UNAVAILABLE],
        [401, Status.UNAUTHENTICATED],
        [404, Status.UNIMPLEMENTED],
        [500, Status.UNKNOWN],
      ] as const) {
        rig.call(0, template);
        const { stream } = await rig.server.accept();
        stream.respond({ ":status": http, "content-type": "text/html" }, { endStream: true });
        assert.is(await rig.log.nextStatus(), status, String(http));
      }
    },
  );

  contract("a reset stream means the code of gRPC's own table", ONE, async (rig) => {
    const template = rig.transport.template(PATH, Buffer.from("x"));
    for (const [code, status] of [
      [2, Status.INTERNAL],
      [8, Status.CANCELLED],
      [0xb, Status.RESOURCE_EXHAUSTED],
      [0xc, Status.PERMISSION_DENIED],
    ] as const) {
      rig.call(0, template);
      const call = await rig.server.accept();
      await call.expectMessages(1);
      call.stream.close(code);
      assert.is(await rig.log.nextStatus(), status, `code ${code}`);
    }
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

  contract("an answer that was asked for is handed over before the end", ONE, async (rig) => {
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

  contract(
    "a cancelled call is not reported, and its slot serves the next at once",
    ONE,
    async (rig) => {
      const template = rig.transport.template(PATH, Buffer.from("first"));
      rig.call(0, template);
      const first = await rig.server.accept();
      await first.expectMessages(1);
      rig.cancel(0);
      patch(template, Buffer.from("again"));
      rig.call(0, template);
      await rig.server.until(() => first.resetCode !== null, "the reset");
      assert.is(first.resetCode, 8);
      const second = await rig.server.accept();
      assert.is(String((await second.expectMessages(1))[0]), "again");
      second.answer();
      assert.equal(await rig.log.next(), { slot: 0, status: Status.OK, message: "" });
      assert.is(rig.log.ends.length, 1);
    },
  );

  contract("a call may be made from within the end of another", ONE, async (rig) => {
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
    "a dropped connection fails its calls as UNAVAILABLE, and comes back",
    { connections: 1, slots: 3 },
    async (rig) => {
      const template = rig.transport.template(PATH, Buffer.from("x"));
      for (let slot = 0; slot < 3; slot++) rig.call(slot, template);
      for (let slot = 0; slot < 3; slot++) await (await rig.server.accept()).expectMessages(1);
      rig.server.dropConnections();
      const ends = [await rig.log.next(), await rig.log.next(), await rig.log.next()];
      assert.equal(ends.map(({ slot }) => slot).sort(), [0, 1, 2]);
      for (const { status } of ends) assert.is(status, Status.UNAVAILABLE);
      rig.call(1, template);
      (await rig.server.accept()).answer();
      assert.equal(await rig.log.next(), { slot: 1, status: Status.OK, message: "" });
      assert.is(rig.transport.readyConnections, 1);
    },
  );

  contract(
    "an answer in parts comes whole and in order, and a stream of them too",
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

  contract("a stream of answers may be empty, and its failure is told", ONE, async (rig) => {
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
    // On a stream that has ended nothing happens.
    rig.transport.send(0, template);
    rig.transport.flush();
  });

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
    "a call for many answers ends on this side with its one message, and hears each of them",
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

  contract("closing ends its connections", { connections: 2, slots: 2 }, async (rig) => {
    await rig.server.until(() => rig.server.sessions.size === 2, "2 connections");
    rig.transport.close();
    await rig.server.until(() => rig.server.sessions.size === 0, "the end of both");
  });

  test(`${name}: where nobody listens, open says so in one sentence`, async () => {
    const server = new GrpcServer();
    const endpoint = await server.listen();
    await server.close();
    const transport = make({
      connectionEndpoints: [endpoint],
      slotConnections: [0],
      listener: new CallLog(),
      openTimeoutMs: 300,
    });
    const failure = await transport.open().then(
      () => "opened",
      (error: Error) => error.message,
    );
    transport.close();
    assert.match(failure, /^(?!opened)[^\n]+$/);
  });
}

const referenceTest = (promise: string, slots: number, run: (rig: Rig) => Promise<void>) =>
  test(`grpc-js: ${promise}`, () =>
    withTransport((options) => new GrpcJsTransport(options), { connections: 1, slots }, run));

referenceTest(
  "a call tells when it leaves, once, behind its start and before its end",
  3,
  async (rig) => {
    const template = rig.transport.template(PATH, Buffer.from("x"));
    for (const slot of [2, 0]) {
      const calledNs = nowNs();
      rig.call(slot, template);
      assert.is(rig.log.sent.length, 0);
      (await rig.server.accept()).answer();
      await rig.log.next();
      assert.is(rig.log.sent.length, 1);
      const [sentSlot, sentNs] = rig.log.sent.pop()!;
      assert.is(sentSlot, slot);
      assert.ok(
        calledNs < sentNs && sentNs < rig.log.endNs,
        `${calledNs} ${sentNs} ${rig.log.endNs}`,
      );
    }
  },
);

referenceTest("a call that waits for its connection is not told to have left", 1, async (rig) => {
  const template = rig.transport.template(PATH, Buffer.from("x"));
  rig.call(0, template);
  await (await rig.server.accept()).expectMessages(1);
  rig.server.dropConnections();
  assert.is(await rig.log.nextStatus(), Status.UNAVAILABLE);
  rig.log.sent.length = 0;
  assert.is(rig.transport.readyConnections, 0);
  rig.call(0, template);
  (await rig.server.accept()).answer();
  assert.is(await rig.log.nextStatus(), Status.OK);
  assert.equal(rig.log.sent, []);
});

test.run();
