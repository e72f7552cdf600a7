/** Events in sequence: their ends, their failures, and their recovery. */
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { usageError } from "../../../src/errors.ts";
import { SCHEDULED_EVENTS } from "../../../src/events/catalogue.ts";
import type { ScheduledEvent } from "../../../src/events/definition.ts";
import { until } from "../../harness/conditions.ts";
import {
  asked,
  COMPACTIONS,
  FakeClient,
  type Plans,
  refusal,
  scheduled,
} from "./scheduled-events.ts";

function defragmentations(...atMs: number[]): Plans {
  return { defragmentation: { atMs, member: null } };
}

test("members are defragmented one after another, each as an event, even if one fails", async () => {
  let atOnce = 0;
  const client = new FakeClient({
    async defragment(endpoint) {
      atOnce += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
      assert.is(atOnce, 1);
      atOnce -= 1;
      if (endpoint === "a:1") throw refusal(status.PERMISSION_DENIED, "not root");
    },
  });
  // Both are due at the same time, so the second one has to wait.
  const { running } = scheduled(defragmentations(0, 0), client);
  await until("all four", () => asked(client, "defragment") >= 4, 1);
  const { events, notes } = await running.stop(false);
  assert.equal(
    events.map(({ kind, member, error }) => [kind, member, error]),
    [
      ["defragmentation", "m1", "PERMISSION_DENIED: not root"],
      ["defragmentation", "m2", null],
      ["defragmentation", "m1", "PERMISSION_DENIED: not root"],
      ["defragmentation", "m2", null],
    ],
  );
  assert.equal(notes, []);
});

test("a note reports times that had not come at the end of the run", async () => {
  const client = new FakeClient();
  const { running } = scheduled(defragmentations(60_000, 120_000), client);
  const { events, notes } = await running.stop(false);
  assert.equal(events, []);
  assert.equal(notes, ["2 times of --defrag-at had not come when the run was over."]);
});

test("a note reports an interval that is longer than the run", async () => {
  const compaction = { intervalMs: 60_000, keptRevisions: 100 };
  const { running } = scheduled({ compaction }, new FakeClient());
  const { events, notes } = await running.stop(false);
  assert.equal(events, []);
  assert.equal(notes, ["The first time of --compact-interval had not come when the run was over."]);
});

test("an event that was due but not started at the end of the run is reported as a fault", async () => {
  let isAsked = false;
  const begin = () => Promise.reject(new Error("the run is over"));
  const compact: ScheduledEvent = {
    ...SCHEDULED_EVENTS[0]!,
    text: "compact",
    schedule: () => ({ everyMs: null, atMs: [0], flag: "--event='compact'", meanwhile: "at-once" }),
    async *actions(_, { isOver }) {
      isAsked = true;
      await until("the end of the run", isOver, 1);
      yield { member: null, revision: 1, begin };
    },
  };
  const { running } = scheduled({}, new FakeClient(), { events: [{ event: compact, plan: null }] });
  await until("the question", () => isAsked, 1);
  const { events, faults } = await running.stop(false);
  assert.equal(events, []);
  assert.equal(faults(0), ["--event='compact': the run was over before it"]);
});

test("a defect is not recorded as an event, but is thrown when the schedule stops", async () => {
  const client = new FakeClient({
    async compact() {
      throw new TypeError("a defect");
    },
  });
  const { running } = scheduled(COMPACTIONS, client);
  await until("a compaction", () => asked(client, "compact") >= 1, 1);
  try {
    await running.stop(false);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, TypeError);
  }
});

test("a lasting event ends after its time or at the end of the run, and counts as one event", async () => {
  const done: string[] = [];
  const lasting = (lastsMs: number): ScheduledEvent => ({
    ...SCHEDULED_EVENTS[0]!,
    kind: "pause",
    mark: "P",
    changesLeader: false,
    describe: (member) => `pause of ${member}`,
    check() {},
    schedule: () => ({ everyMs: null, atMs: [0], flag: "--event", meanwhile: "at-once" }),
    async *actions() {
      yield {
        member: "m1",
        revision: null,
        async begin() {
          done.push("begun");
        },
        end: {
          lastsMs,
          async putRight() {
            done.push("put right");
          },
        },
      };
    },
  });
  for (const [lastsMs, what] of [
    [1, "by itself"],
    [3_600_000, "at the end"],
  ] as const) {
    done.length = 0;
    const events = [{ event: lasting(lastsMs), plan: null }];
    const { running, work } = scheduled({}, new FakeClient(), { events });
    await until("the event", () => done.length > (what === "by itself" ? 1 : 0), 1);
    const { events: happened, faults } = await running.stop(false);
    assert.equal(done, ["begun", "put right"], what);
    assert.equal(
      happened.map(({ kind, member, error }) => [kind, member, error]),
      [["pause", "m1", null]],
    );
    assert.equal([work, faults(0)], [[true, false], []]);
  }
});

test("an event that failed has its error, and is a fault of the run", async () => {
  const pause = {
    ...SCHEDULED_EVENTS[0]!,
    kind: "pause",
    describe: () => "pause",
    schedule: () => ({ everyMs: null, atMs: [0], flag: "--event", meanwhile: "at-once" }) as const,
    async *actions() {
      const begin = () => Promise.reject(usageError("--event: m9 is no member"));
      yield { member: "m9", revision: null, begin };
    },
  };
  const running = scheduled({}, new FakeClient(), { events: [{ event: pause, plan: null }] });
  await until("the event", () => running.work.length === 2, 1);
  const { events, faults } = await running.running.stop(false);
  assert.is(events[0]!.error, "--event: m9 is no member");
  assert.equal(faults(0), ["1 of 1 pause failed: --event: m9 is no member"]);
});

test("too many failures of one kind are a fault, but having nothing to do is not", async () => {
  const client = new FakeClient({
    async defragment(endpoint) {
      if (endpoint === "a:1") throw refusal(status.PERMISSION_DENIED, "not root");
    },
    revision: async () => 1,
  });
  const { running } = scheduled({ ...COMPACTIONS, ...defragmentations(0) }, client);
  await until("both", () => asked(client, "defragment") === 2 && asked(client, "revision") > 0, 1);
  const { faults } = await running.stop(false);
  assert.equal(faults(0.1), ["1 of 2 defragmentations failed: PERMISSION_DENIED: not root"]);
  assert.equal(faults(0.5), []);
});

test.run();
