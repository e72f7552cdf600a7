/** Calls that fail, are cut or lose their connection, over the wire transport and the reference. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../src/wire/grpc-status.ts";
import { CallLog } from "../wire/wire-client.ts";
import { GrpcServer } from "./grpc-server.ts";
import { contract, ONE, PATH, patch, TRANSPORTS } from "./transport-rig.ts";

contract(
  "a failure has its code and its decoded message, after headers or alone",
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

contract("an HTTP answer that is not gRPC has the status of gRPC's table", ONE, async (rig) => {
  const template = rig.transport.template(PATH, Buffer.from("x"));
  for (const [http, status] of [
    [503, Status.UNAVAILABLE],
    [401, Status.UNAUTHENTICATED],
    [404, Status.UNIMPLEMENTED],
    [500, Status.UNKNOWN],
  ] as const) {
    rig.call(0, template);
    (await rig.server.accept()).failAsHttp(http);
    assert.is(await rig.log.nextStatus(), status, String(http));
  }
});

contract("a reset stream has the status of gRPC's table", ONE, async (rig) => {
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
    call.reset(code);
    assert.is(await rig.log.nextStatus(), status, `code ${code}`);
  }
});

contract(
  "a cancelled call is not reported, and its slot takes the next call at once",
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

contract(
  "a dropped connection fails its calls as UNAVAILABLE, and is opened again",
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

for (const [name, make] of TRANSPORTS) {
  test(`${name}: where no server listens, open fails with one sentence`, async () => {
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

test.run();
