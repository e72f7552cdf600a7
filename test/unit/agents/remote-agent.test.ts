/** What the coordinator accepts from an agent; an agent that sends anything else is lost. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Coordination } from "../../../src/agents/coordination.ts";
import { GroupKey, Sealer } from "../../../src/agents/envelope.ts";
import { newGroupSecret } from "../../../src/agents/join-file.ts";
import { commandsKey, type Hello, type Report, reportsKey } from "../../../src/agents/protocol.ts";
import { RemoteAgent } from "../../../src/agents/remote-agent.ts";
import { sharedNowNs } from "../../../src/clock.ts";

const HELLO = { workers: 1, environment: {} } as unknown as Hello;
const DONE: Report = { type: "phase-done", done: [], machine: null };

function rig() {
  const key = new GroupKey(newGroupSecret());
  const written: string[] = [];
  const coordination = {
    key,
    put: async (name: string) => void written.push(`put ${name}`),
    remove: async (name: string) => void written.push(`remove ${name}`),
  } as unknown as Coordination;
  const agent = new RemoteAgent({ name: "one", hello: HELLO }, coordination, {
    ...{ session: "s", lease: "1" },
  });
  const reports: Report["type"][] = [];
  agent.onReport = ({ type }) => reports.push(type);
  const sealerOf = (session: string) => new Sealer(key, `${session}/${reportsKey("one")}`);
  const frame = (...all: Report[]) => ({
    ...{ session: "s", sentNs: sharedNowNs(), reports: all, cpuMicros: 1, rssBytes: 1 },
  });
  return { agent, written, reports, sealerOf, frame };
}

test("late frames of an earlier session are skipped until the first frame of this session", () => {
  const { agent, reports, sealerOf, frame } = rig();
  const [late] = sealerOf("earlier").chunksOf(frame(DONE));
  agent.take(late!);
  assert.is(agent.lost, null);
  const [first] = sealerOf("s").chunksOf(frame(DONE));
  agent.take(first!);
  assert.equal(reports, ["phase-done"]);
  agent.take(late!);
  assert.match(agent.lost!, /its frames cannot be read/);
});

test("a frame that arrives twice counts once", () => {
  const { agent, reports, sealerOf, frame } = rig();
  const [chunk] = sealerOf("s").chunksOf(frame(DONE));
  agent.take(chunk!);
  agent.take(chunk!);
  assert.equal([agent.lost, reports], [null, ["phase-done"]]);
});

test("a frame that would need far more memory than any real one is refused at its first chunk", () => {
  const { agent, sealerOf, frame } = rig();
  const sealer = sealerOf("s");
  agent.take(sealer.chunksOf(frame())[0]!);
  const [first] = sealer.chunksOf({ ...frame(), padding: new Uint8Array(70e6) });
  agent.take(first!);
  assert.match(agent.lost!, /cannot be read: it is cut into \d+ chunks/);
});

test("an agent that sends an invalid or unusable report is lost", () => {
  const broken = { type: "phase-done", done: [{ dropped: -1 }] } as unknown as Report;
  for (const [report, words] of [
    [broken, /cannot be used: reports\.0\.done\.0/],
    [DONE, /cannot be used: no such histogram/],
  ] as const) {
    const { agent, sealerOf, frame } = rig();
    agent.onReport = () => {
      throw new Error("no such histogram");
    };
    agent.take(sealerOf("s").chunksOf(frame(report))[0]!);
    assert.match(agent.lost!, words);
  }
});

test("after the report that makes an agent lost, the rest of its frame does not count", () => {
  const { agent, sealerOf, frame } = rig();
  let taken = 0;
  agent.onReport = () => {
    taken += 1;
    agent.lose("it answered what was not asked");
  };
  agent.take(sealerOf("s").chunksOf(frame(DONE, DONE))[0]!);
  assert.is(taken, 1);
});

test("a lost agent gets no more commands, and learns of its loss because its commands are removed", async () => {
  const { agent, written } = rig();
  agent.send({ type: "stop", drainMs: 0 });
  await agent.flush();
  agent.lose("it is silent");
  agent.send({ type: "stop", drainMs: 0 });
  await agent.flush();
  assert.equal(written, [`put ${commandsKey("one")}`, `remove ${commandsKey("one")}`]);
});

test("pings that are never answered take no more memory, and a late answer is not used", () => {
  const { agent, sealerOf, frame } = rig();
  for (let ping = 0; ping < 100; ping++) agent.ping();
  const pong: Report = { type: "pong", number: 3, heardNs: sharedNowNs() };
  agent.take(sealerOf("s").chunksOf(frame(pong))[0]!);
  assert.is(agent.lost, null);
  assert.is(agent.mapping.uncertaintyNs, Number.POSITIVE_INFINITY);
});

test.run();
