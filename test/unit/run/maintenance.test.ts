/** The schedule of compactions and defragmentations on an etcd that a test makes up. */
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sharedNowNs } from "../../../src/clock.ts";
import { ControlError } from "../../../src/etcd/control-client.ts";
import type { Maintenance } from "../../../src/plan/maintenance-schema.ts";
import {
  type MaintenanceClient,
  type MaintenanceOptions,
  MaintenanceSchedule,
} from "../../../src/run/maintenance.ts";
import { until } from "../../harness/conditions.ts";

const COMPACTIONS: Maintenance = {
  compaction: { intervalMs: 2, keptRevisions: 100 },
  defragmentation: null,
};

function defragmentations(...atMs: number[]): Maintenance {
  return { compaction: null, defragmentation: { atMs, member: null } };
}

function refusal(code: status, details: string): ControlError {
  return new ControlError("Compact", "a:1", { code, details } as never);
}

/** What etcd was asked, in order; `answers` replace what it says by default. */
class FakeClient implements MaintenanceClient {
  readonly asked: string[] = [];
  readonly #answers: Partial<MaintenanceClient>;
  #cancel: (() => void)[] = [];

  constructor(answers: Partial<MaintenanceClient> = {}) {
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

function scheduled(
  schedule: Maintenance,
  client: FakeClient,
  options: Partial<MaintenanceOptions> = {},
) {
  const work: boolean[] = [];
  const running = new MaintenanceSchedule({
    schedule,
    client,
    endpoints: ["a:1", "b:1"],
    untilMs: null,
    members: [
      { name: "m1", endpoint: "a:1" },
      { name: "m2", endpoint: "b:1" },
    ],
    onWork: (isBegin) => work.push(isBegin),
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
  const { moments, notes } = await running.stop(false);
  assert.equal(client.asked.slice(0, 4), [
    "revision a:1",
    "compact a:1 950 true",
    "revision a:1",
    "compact a:1 1000 true",
  ]);
  assert.equal(notes, []);
  assert.is(moments.length, asked(client, "compact"));
  for (const [index, { kind, member, error, durationSeconds, ...moment }] of moments.entries()) {
    assert.equal([kind, member, error], ["compaction", null, null]);
    assert.is(moment.revision, 950 + 50 * index);
    assert.ok(moment.startSeconds > 0 && durationSeconds! >= 0);
  }
  // Begun and ended in turn.
  assert.equal(
    work,
    moments.flatMap(() => [true, false]),
  );
  assert.is(client.asked.at(-1), "close");
});

test("what etcd refuses is in the moment, and the next one comes all the same", async () => {
  const words = "mvcc: required revision has been compacted";
  const client = new FakeClient({
    compact: async () => {
      throw refusal(status.OUT_OF_RANGE, words);
    },
  });
  const { running } = scheduled(COMPACTIONS, client);
  await until("two compactions", () => asked(client, "compact") >= 2, 1);
  const { moments } = await running.stop(false);
  assert.is(moments[0]!.error, `OUT_OF_RANGE: ${words}`);
  assert.is(moments[1]!.revision, 900);
});

test("with fewer revisions than are to stay nothing is asked for", async () => {
  const client = new FakeClient({ revision: async () => 100 });
  const { running, work } = scheduled(COMPACTIONS, client);
  await until("two looks", () => asked(client, "revision") >= 2, 1);
  const { moments } = await running.stop(false);
  assert.is(asked(client, "compact"), 0);
  assert.equal([moments[0]!.revision, moments[0]!.durationSeconds], [null, null]);
  assert.match(moments[0]!.error!, /nothing to compact: the revision is 100, and 100 are to stay/);
  assert.equal(work, []);
});

test("an endpoint that does not answer is passed over, and none at all is an error of the moment", async () => {
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
  const { moments } = await second.running.stop(false);
  assert.is(moments[0]!.error, "UNAVAILABLE: connection refused");
  assert.is(moments[0]!.durationSeconds, null);
});

test("a compaction that is slow is not overtaken, and a hurried end cuts it off", async () => {
  const client = new FakeClient({ compact: () => client.never() });
  const { running, work } = scheduled(COMPACTIONS, client);
  await until("a compaction", () => asked(client, "compact") >= 1, 1);
  const startMs = performance.now();
  await until("several intervals", () => performance.now() > startMs + 30, 1);
  assert.is(asked(client, "compact"), 1);
  const { moments, notes } = await running.stop(true);
  assert.is(moments.length, 1);
  assert.is(moments[0]!.error, "the run was over before etcd had answered");
  assert.match(notes[0]!, /^\d+ compactions? came due while another was under way: left out\.$/);
  assert.equal(work, [true, false]);
});

test("none comes due at the end of the run's time or behind it", async () => {
  const client = new FakeClient();
  const { running } = scheduled(
    { ...COMPACTIONS, defragmentation: { atMs: [30], member: null } },
    client,
    { untilMs: 4 },
  );
  await until("the defragmentation", () => asked(client, "defragment") >= 1, 1);
  const { moments } = await running.stop(false);
  assert.is(moments.filter(({ kind }) => kind === "compaction").length, 1);
});

test("members are defragmented one after another, each a moment, though one fails", async () => {
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
  const { moments, notes } = await running.stop(false);
  assert.equal(
    moments.map(({ kind, member, error }) => [kind, member, error]),
    [
      ["defragmentation", "m1", "PERMISSION_DENIED: not root"],
      ["defragmentation", "m2", null],
      ["defragmentation", "m1", "PERMISSION_DENIED: not root"],
      ["defragmentation", "m2", null],
    ],
  );
  assert.equal(notes, []);
});

test("times that never came are told", async () => {
  const client = new FakeClient();
  const { running } = scheduled(defragmentations(60_000, 120_000), client);
  const { moments, notes } = await running.stop(false);
  assert.equal(moments, []);
  assert.equal(notes, ["2 times of --defrag-at had not come when the run was over."]);
});

test("a defect is no moment: it comes to light when the schedule stops", async () => {
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

test.run();
