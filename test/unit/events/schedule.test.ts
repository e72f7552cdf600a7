/** The schedule of events on an etcd that a test makes up. */
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sharedNowNs } from "../../../src/clock.ts";
import { usageError } from "../../../src/errors.ts";
import { ControlError } from "../../../src/etcd/control-client.ts";
import { plannedEvents, SCHEDULED_EVENTS } from "../../../src/events/catalogue.ts";
import type { EtcdControl, ScheduledEvent } from "../../../src/events/definition.ts";
import { EventSchedule, type ScheduleOptions } from "../../../src/events/schedule.ts";
import { seededRandom } from "../../../src/random.ts";
import { refusalOf } from "../../../src/run/events.ts";
import { until } from "../../harness/conditions.ts";

type Plans = Omit<Parameters<typeof plannedEvents>[0], "events">;

const COMPACTIONS: Plans = { compaction: { intervalMs: 2, keptRevisions: 100 } };

function defragmentations(...atMs: number[]): Plans {
  return { defragmentation: { atMs, member: null } };
}

function refusal(code: status, details: string): ControlError {
  return new ControlError("Compact", "a:1", { code, details } as never);
}

/** What etcd was asked, in order; `answers` replace what it says by default. */
class FakeClient implements EtcdControl {
  readonly asked: string[] = [];
  readonly #answers: Partial<EtcdControl>;
  #cancel: (() => void)[] = [];

  constructor(answers: Partial<EtcdControl> = {}) {
    this.#answers = answers;
  }

  async revision(endpoint?: string): Promise<number> {
    this.asked.push(`revision ${endpoint}`);
    return (await this.#answers.revision?.(endpoint)) ?? 1_000;
  }

  async compact(request: { revision: number; physical?: boolean }, options = {}) {
    const { endpoint } = options as { endpoint?: string };
    this.asked.push(`compact ${endpoint} ${request.revision} ${request.physical}`);
    return (await this.#answers.compact?.(request)) ?? { revision: 1_000 };
  }

  async defragment(endpoint?: string): Promise<void> {
    this.asked.push(`defragment ${endpoint}`);
    await this.#answers.defragment?.(endpoint);
  }

  async status(): Promise<never> {
    throw new Error("nobody asks for it");
  }

  async moveLeader(): Promise<never> {
    throw new Error("nobody asks for it");
  }

  async setNoSpaceAlarm(): Promise<never> {
    throw new Error("nobody asks for it");
  }

  /** As a call of grpc-js that never gets its answer. */
  never(): Promise<never> {
    return new Promise((_, reject) => {
      this.#cancel.push(() => reject(refusal(status.CANCELLED, "Cancelled on client")));
    });
  }

  close(): void {
    this.asked.push("close");
    for (const cancel of this.#cancel) cancel();
  }
}

const MEMBERS = [
  { id: "1", name: "m1", endpoint: "a:1", isLeader: null },
  { id: "2", name: "m2", endpoint: "b:1", isLeader: null },
];

function scheduled(plans: Plans, client: FakeClient, options: Partial<ScheduleOptions> = {}) {
  const work: boolean[] = [];
  const running = new EventSchedule({
    events: plannedEvents({ ...plans, events: [] }),
    random: seededRandom(1, 0),
    client,
    target: { endpoints: ["a:1", "b:1"], members: MEMBERS, cluster: null },
    untilMs: null,
    refusalOf,
    onEvent: (isBegin) => work.push(isBegin),
    ...options,
  });
  running.start(sharedNowNs());
  return { running, work };
}

const asked = (client: FakeClient, what: string) =>
  client.asked.filter((each) => each.startsWith(what)).length;

test("each interval it compacts to the revision of then less what is to stay, and waits for the backend", async () => {
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
  // Begun and ended in turn.
  assert.equal(
    work,
    events.flatMap(() => [true, false]),
  );
  assert.is(client.asked.at(-1), "close");
});

test("what etcd refuses is in the event, and the next one comes all the same", async () => {
  const words = "mvcc: required revision has been compacted";
  const client = new FakeClient({
    compact: async () => {
      throw refusal(status.OUT_OF_RANGE, words);
    },
  });
  const { running } = scheduled(COMPACTIONS, client);
  await until("two compactions", () => asked(client, "compact") >= 2, 1);
  const { events } = await running.stop(false);
  assert.is(events[0]!.error, `OUT_OF_RANGE: ${words}`);
  assert.is(events[1]!.revision, 900);
});

test("with fewer revisions than are to stay nothing is asked for", async () => {
  const client = new FakeClient({ revision: async () => 100 });
  const { running, work } = scheduled(COMPACTIONS, client);
  await until("two looks", () => asked(client, "revision") >= 2, 1);
  const { events } = await running.stop(false);
  assert.is(asked(client, "compact"), 0);
  assert.equal([events[0]!.revision, events[0]!.durationSeconds], [null, null]);
  assert.match(events[0]!.error!, /nothing to compact: the revision is 100, and 100 are to stay/);
  assert.equal(work, []);
});

test("an endpoint that does not answer is passed over, and none at all is an error of the event", async () => {
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

test("a compaction that is slow is not overtaken, and a hurried end cuts it off", async () => {
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

test("none comes due at the end of the run's time or after it", async () => {
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

test("members are defragmented one after another, each an event, though one fails", async () => {
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
  // Due together, so that the second has to wait for the first.
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

test("times that never came are noted", async () => {
  const client = new FakeClient();
  const { running } = scheduled(defragmentations(60_000, 120_000), client);
  const { events, notes } = await running.stop(false);
  assert.equal(events, []);
  assert.equal(notes, ["2 times of --defrag-at had not come when the run was over."]);
});

test("a defect is no event: it comes to light when the schedule stops", async () => {
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

test("what lasts is put right after its time, or at the end of the run, and counts as one event", async () => {
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

test("an event that could not be made says why, and is a fault of the run", async () => {
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

test("a kind of which more failed than may is a fault, and having nothing to do is none", async () => {
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
