/** Reports go in one frame a second under load, and at once when the coordinator waits for them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Frame, Report } from "../../../src/agents/protocol.ts";
import { ReportQueue } from "../../../src/agents/report-queue.ts";

const pong: Report = { type: "pong", number: 0, heardNs: 1 };
const second = { type: "second", worker: 0 } as unknown as Report;
const done: Report = { type: "phase-done", done: [], machine: null };

function rig(put: (chunk: Buffer) => Promise<void> = async () => {}) {
  const frames: Report["type"][][] = [];
  const queue = new ReportQueue({
    session: "s",
    chunksOf({ reports }: Frame) {
      frames.push(reports.map(({ type }) => type));
      return [Buffer.from("chunk")];
    },
    put,
    onFailed: () => {},
  });
  return { queue, frames };
}

test("an answer to a ping is sent at once without load, and with the next frame under load", () => {
  const { queue, frames } = rig();
  queue.add(pong);
  queue.expect(2);
  queue.add(pong);
  queue.add(second);
  queue.add(second);
  queue.add(pong);
  queue.add(done);
  queue.expect(0);
  queue.add(pong);
  assert.equal(frames, [["pong"], ["pong", "second", "second"], ["pong", "phase-done"], ["pong"]]);
  queue.end();
});

test("reports from before the end are sent, later ones are not, and the next session's frames follow", async () => {
  const order: string[] = [];
  const earlier = rig(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push("earlier");
  });
  earlier.queue.add(done);
  earlier.queue.end();
  earlier.queue.add(done);
  const next = new ReportQueue(
    {
      ...{ session: "t", chunksOf: () => [Buffer.from("chunk")], onFailed: () => {} },
      put: async () => void order.push("next"),
    },
    earlier.queue.flush(),
  );
  next.add(done);
  await next.flush();
  assert.equal(order, ["earlier", "next"]);
  next.end();
});

test("after a report that could not be sent, waiting reports are not tried", async () => {
  let puts = 0;
  const { queue } = rig(async () => {
    puts += 1;
    throw new Error("it does not answer");
  });
  queue.add(done);
  queue.add(done);
  await queue.flush();
  assert.is(puts, 1);
  queue.end();
});

test.run();
