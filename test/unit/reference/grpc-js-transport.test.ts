/** What only the grpc-js reference reports: when a call is sent. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs } from "../../../src/clock.ts";
import { GrpcJsTransport } from "../../../src/reference/grpc-js-transport.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { PATH, type Rig, withTransport } from "./transport-rig.ts";

const referenceTest = (promise: string, slots: number, run: (rig: Rig) => Promise<void>) =>
  test(`grpc-js: ${promise}`, () =>
    withTransport((options) => new GrpcJsTransport(options), { connections: 1, slots }, run));

referenceTest(
  "a call reports its sending once, after its start and before its end",
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

referenceTest(
  "a call that waits for its connection is sent when it is connected",
  1,
  async (rig) => {
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
    assert.equal(
      rig.log.sent.map(([slot]) => slot),
      [0],
    );
  },
);

test.run();
