/** The schedule of compactions: when each is due, and how errors of etcd are recorded. */
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Happening } from "../../../src/events/schedule.ts";
import { until } from "../../harness/conditions.ts";
import { asked, COMPACTIONS, FakeClient, refusal, scheduled } from "./scheduled-events.ts";

test("each interval compacts to the current revision minus the kept ones, and waits for the backend", async () => {
  let revision = 1_000;
  const client = new FakeClient({ revision: async () => (revision += 50) });
  const { running, work } = scheduled(COMPACTIONS, client);
  await until("three compactions", () => asked(client, "compact") >= 3, 1);
  const { events, notes } = await running.stop(false);
  assert.equal(client.asked.slice(0, 4), [
    "revision a:1",
    "compact a:1 950 true",
    "revision a:1",
    "compact a:1 1000 true",
  ]);
  assert.equal(notes, []);
  assert.is(events.length, asked(client, "compact"));
  for (const [index, { kind, member, error, durationSeconds, ...event }] of events.entries()) {
    assert.equal([kind, member, error], ["compaction", null, null]);
    assert.is(event.revision, 950 + 50 * index);
    assert.ok(event.startSeconds > 0 && durationSeconds! >= 0);
  }
  // Each event begins and ends before the next one.
  assert.equal(
    work,
    events.flatMap(() => [true, false]),
  );
  assert.is(client.asked.at(-1), "close");
});

test("an error of etcd is recorded in the event, and the next event still comes", async () => {
  const words = "etcdserver: mvcc: required revision is a future revision";
  const client = new FakeClient({
    compact: async () => {
      throw refusal(status.OUT_OF_RANGE, words);
    },
  });
  const { running } = scheduled(COMPACTIONS, client);
  await until("two compactions", () => asked(client, "compact") >= 2, 1);
  const { events, faults } = await running.stop(false);
  assert.is(events[0]!.error, `OUT_OF_RANGE: ${words}`);
  assert.is(events[1]!.revision, 900);
  assert.is(faults(0).length, 1);
});

test("a revision that is compacted already leaves nothing to compact, and is no failure", async () => {
  const client = new FakeClient({
    compact: async () => {
      throw refusal(status.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted");
    },
  });
  const { running, work } = scheduled(COMPACTIONS, client);
  await until("two compactions", () => asked(client, "compact") >= 2, 1);
  const { events, faults } = await running.stop(false);
  assert.equal(faults(0), []);
  const { error, revision, durationSeconds } = events[0]!;
  assert.is(error, "nothing to compact: revision 900 is compacted already");
  assert.equal([revision, durationSeconds], [null, null]);
  assert.equal(work.slice(0, 2), [true, false]);
});

test("with fewer revisions than those to keep, no compaction is requested", async () => {
  const client = new FakeClient({ revision: async () => 100 });
  const { running, work } = scheduled(COMPACTIONS, client);
  await until("two looks", () => asked(client, "revision") >= 2, 1);
  const { events, notes } = await running.stop(false);
  assert.is(asked(client, "compact"), 0);
  assert.equal(notes, [
    "No compaction was made: nothing to compact: the revision is 100, and 100 are to stay.",
  ]);
  assert.equal([events[0]!.revision, events[0]!.durationSeconds], [null, null]);
  assert.match(events[0]!.error!, /nothing to compact: the revision is 100, and 100 are to stay/);
  assert.equal(work, []);
});

test("an endpoint that does not answer is skipped, and if none answers, the event has the error", async () => {
  const gone = refusal(status.UNAVAILABLE, "connection refused");
  const half = new FakeClient({
    async revision(endpoint) {
      if (endpoint === "a:1") throw gone;
      return 500;
    },
  });
  const first = scheduled(COMPACTIONS, half);
  await until("a compaction", () => asked(half, "compact") >= 1, 1);
  await first.running.stop(false);
  assert.equal(half.asked.slice(0, 3), ["revision a:1", "revision b:1", "compact b:1 400 true"]);

  const none = new FakeClient({
    async revision() {
      throw gone;
    },
  });
  const second = scheduled(COMPACTIONS, none);
  await until("two looks at both", () => asked(none, "revision") >= 4, 1);
  const { events } = await second.running.stop(false);
  assert.is(events[0]!.error, "UNAVAILABLE: connection refused");
  assert.is(events[0]!.durationSeconds, null);
});

test("no compaction starts during a slow one, and a forced stop aborts it", async () => {
  const client = new FakeClient({ compact: () => client.never() });
  const { running, work } = scheduled(COMPACTIONS, client);
  await until("a compaction", () => asked(client, "compact") >= 1, 1);
  const startMs = performance.now();
  await until("several intervals", () => performance.now() > startMs + 30, 1);
  assert.is(asked(client, "compact"), 1);
  const { events, notes } = await running.stop(true);
  assert.is(events.length, 1);
  assert.is(events[0]!.error, "the run was over before etcd had answered");
  assert.match(notes[0]!, /^\d+ compactions? came due while another was under way: left out\.$/);
  assert.equal(work, [true, false]);
});

test("an event is reported when it begins and when it has ended, with the same number", async () => {
  const client = new FakeClient();
  const seen: Happening[] = [];
  const { running } = scheduled(COMPACTIONS, client, { onHappening: (each) => seen.push(each) });
  await until("two compactions", () => asked(client, "compact") >= 2, 1);
  const { events } = await running.stop(false);
  const [begin, end] = seen;
  assert.equal([begin!.number, begin!.isUnderWay], [0, true]);
  assert.equal([end!.number, end!.isUnderWay], [0, false]);
  assert.is(begin!.event.durationSeconds, null);
  assert.equal(end!.event, events[0]);
  assert.equal(
    seen.filter(({ isUnderWay }) => !isUnderWay).map(({ event }) => event),
    events,
  );
});

test("an event that could not begin is reported once, with its error", async () => {
  const client = new FakeClient({
    revision: async () => {
      throw refusal(status.UNAVAILABLE, "gone");
    },
  });
  const seen: Happening[] = [];
  const { running } = scheduled(COMPACTIONS, client, { onHappening: (each) => seen.push(each) });
  await until("an event", () => seen.length > 0, 1);
  await running.stop(false);
  assert.equal([seen[0]!.isUnderWay, seen[0]!.event.error], [false, "UNAVAILABLE: gone"]);
});

test("no event is due at or after the end of the run", async () => {
  const client = new FakeClient();
  const { running } = scheduled(
    { ...COMPACTIONS, defragmentation: { atMs: [30], member: null } },
    client,
    { untilMs: 4 },
  );
  await until("the defragmentation", () => asked(client, "defragment") >= 1, 1);
  const { events } = await running.stop(false);
  assert.is(events.filter(({ kind }) => kind === "compaction").length, 1);
});

test.run();
