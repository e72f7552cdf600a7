/** Tests the comparison of members' hashes, on made-up clusters. */
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlError } from "../../../src/etcd/control-client.ts";
import {
  checkHashKv,
  type HashCheckOptions,
  type HashClient,
} from "../../../src/run/hash-check.ts";

function refusal(code: status, details: string): ControlError {
  return new ControlError("HashKV", "a:1", { code, details } as never);
}

const BEHIND = refusal(
  status.OUT_OF_RANGE,
  "etcdserver: mvcc: required revision is a future revision",
);
const COMPACTED = refusal(
  status.OUT_OF_RANGE,
  "etcdserver: mvcc: required revision has been compacted",
);
const DOWN = refusal(status.UNAVAILABLE, "connection refused");

type Answer = { hash: number; compactRevision: number; revision?: number } | ControlError;

/** Gives its answers in order, and repeats the last one. */
class FakeCluster implements HashClient {
  readonly asked: string[] = [];
  revisions: (number | ControlError)[] = [100];
  readonly #answers: Record<string, Answer[]>;

  constructor(answers: Record<string, Answer[]>) {
    this.#answers = answers;
  }

  async revision(endpoint?: string): Promise<number> {
    this.asked.push(`revision ${endpoint}`);
    return given(this.revisions);
  }

  async hashKv(endpoint?: string, revision = 0) {
    this.asked.push(`${endpoint} ${revision}`);
    return { revision: 100, ...given(this.#answers[endpoint!]!) };
  }

  rounds(endpoint: string): number {
    return this.asked.filter((each) => each.startsWith(`${endpoint} `)).length;
  }
}

function given<T>(answers: (T | ControlError)[]): T {
  const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
  if (answer instanceof ControlError) throw answer;
  return answer;
}

function member(name: string, isLearner = false) {
  return { name, endpoint: `${name}:1`, isLearner };
}

/** Checks until there is a result, unless a test sets `patienceMs`. */
function check(client: FakeCluster, options: Partial<HashCheckOptions> = {}) {
  return checkHashKv({
    client,
    endpoints: ["a:1", "b:1"],
    members: [member("a"), member("b"), member("c")],
    patienceMs: Number.POSITIVE_INFINITY,
    retryMs: 1,
    ...options,
  });
}

const hash = (value: number, compactRevision = -1) => ({ hash: value, compactRevision });

test("members with the same hash are equal, and each is asked once, for the same revision", async () => {
  const cluster = new FakeCluster({ "a:1": [hash(7)], "b:1": [hash(7)], "c:1": [hash(7)] });
  const { revision, isEqual, members } = await check(cluster);
  assert.is(isEqual, true);
  assert.is(revision, 100);
  assert.equal(cluster.asked, ["revision a:1", "a:1 100", "b:1 100", "c:1 100"]);
  for (const { durationSeconds, error, compactRevision } of members) {
    assert.equal([error, compactRevision], [null, -1]);
    assert.ok(durationSeconds! >= 0);
  }
});

test("members with different hashes are unequal only if the difference lasts", async () => {
  const passing = { "a:1": [hash(7)], "b:1": [hash(7)], "c:1": [hash(8), hash(7)] };
  assert.is((await check(new FakeCluster(passing))).isEqual, true);
  const lasting = { "a:1": [hash(7)], "b:1": [hash(7)], "c:1": [hash(8)] };
  const { isEqual, members } = await check(new FakeCluster(lasting), { patienceMs: 0 });
  assert.is(isEqual, false);
  assert.equal(
    members.map((each) => each.hash),
    [7, 7, 8],
  );
});

test("the check waits for a member that does not answer, and then the comparison has no result", async () => {
  const late = new FakeCluster({
    "a:1": [hash(7)],
    "b:1": [DOWN, BEHIND, hash(7)],
    "c:1": [hash(7)],
  });
  assert.is((await check(late)).isEqual, true);
  assert.is(late.rounds("b:1"), 3);
  const dead = new FakeCluster({ "a:1": [hash(7)], "b:1": [DOWN], "c:1": [hash(7)] });
  const { isEqual, members } = await check(dead, { patienceMs: 0 });
  assert.is(isEqual, null);
  assert.equal(members[1], {
    name: "b",
    endpoint: "b:1",
    hash: null,
    compactRevision: null,
    durationSeconds: null,
    error: "UNAVAILABLE: connection refused",
  });
});

test("hashes are compared only at the same compact revision", async () => {
  const late = new FakeCluster({
    "a:1": [hash(7, 50)],
    "b:1": [hash(9, -1), hash(9, 40), hash(7, 50)],
    "c:1": [hash(7, 50)],
  });
  assert.is((await check(late)).isEqual, true);
  assert.is(late.rounds("a:1"), 3);
  const apart = new FakeCluster({
    "a:1": [hash(7, 50)],
    "b:1": [hash(9, -1)],
    "c:1": [hash(7, 50)],
  });
  assert.is((await check(apart, { patienceMs: 0 })).isEqual, null);
});

test("a newest revision that is compacted is requested without its number, as etcd 3.4 requires", async () => {
  const cluster = new FakeCluster({
    "a:1": [COMPACTED, hash(7, 100)],
    "b:1": [COMPACTED, hash(7, 100)],
    "c:1": [hash(7, 100)],
  });
  assert.is((await check(cluster)).isEqual, true);
  assert.is(cluster.rounds("a:1"), 2);
  assert.ok(cluster.asked.includes("a:1 0"));
});

test("if another client compacts the revision meanwhile, a newer revision is hashed", async () => {
  const cluster = new FakeCluster({
    "a:1": [COMPACTED, { ...hash(1), revision: 140 }, hash(7, 120)],
    "b:1": [hash(1), hash(7, 120)],
    "c:1": [hash(1), hash(7, 120)],
  });
  cluster.revisions = [100, 150];
  const { revision, isEqual } = await check(cluster);
  assert.equal([revision, isEqual], [150, true]);
});

test("an error that will not go away ends the check at once", async () => {
  const denied = refusal(status.PERMISSION_DENIED, "etcdserver: permission denied");
  const cluster = new FakeCluster({ "a:1": [denied], "b:1": [DOWN], "c:1": [hash(7)] });
  const { isEqual, members } = await check(cluster);
  assert.is(isEqual, null);
  assert.is(members[0]!.error, "PERMISSION_DENIED: etcdserver: permission denied");
});

test("without a revision from the cluster the comparison has no result, and an interrupt ends the wait", async () => {
  const cluster = new FakeCluster({ "a:1": [hash(7)], "b:1": [hash(7)], "c:1": [hash(7)] });
  cluster.revisions = [DOWN];
  const stop = new AbortController();
  const checking = check(cluster, { stop: stop.signal });
  stop.abort();
  const { revision, isEqual, members } = await checking;
  assert.equal([revision, isEqual], [null, null]);
  assert.match(members[0]!.error!, /no endpoint answered with the newest revision/);
  cluster.revisions = [DOWN, 100];
  assert.is((await check(cluster)).isEqual, true, "the second endpoint tells");
});

test("a stop between two rounds ends the check with the result of the first round", async () => {
  const cluster = new FakeCluster({ "a:1": [hash(7)], "b:1": [DOWN], "c:1": [hash(7)] });
  const stop = new AbortController();
  const checking = check(cluster, { stop: stop.signal });
  // The round is over by then, and no timer has fired yet.
  setImmediate(() => stop.abort());
  assert.is((await checking).isEqual, null);
  assert.is(cluster.rounds("b:1"), 1);
});

test("learners, which have no HashKV, are left out, and a single member counts as equal", async () => {
  const cluster = new FakeCluster({ "a:1": [hash(7)] });
  const { isEqual, members } = await check(cluster, { members: [member("a"), member("l", true)] });
  assert.is(isEqual, true);
  assert.is(members.length, 1);
});

test.run();
