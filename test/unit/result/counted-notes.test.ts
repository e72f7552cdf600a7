/** Notes that figures depend on are found again in results, and counted over several runs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { aroundRuns } from "../../../src/result/around-runs.ts";
import { countedNotes } from "../../../src/result/counted-notes.ts";
import { resentNotes } from "../../../src/result/resent.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import {
  endedMemberNote,
  longerLeaseNotes,
  restartNote,
  versionsNote,
} from "../../../src/result/target-notes.ts";
import { agentNotes } from "../../../src/run/agent-doubts.ts";
import { heldBackNotes } from "../../../src/run/held-back.ts";
import { tooManyWorkers } from "../../../src/run/machine-doubts.ts";
import { idleNotes } from "../../../src/run/used-connections.ts";
import { proxyNotes } from "../../../src/workloads/parts/through-grpc-proxy.ts";
import { agentFixture, operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const { load } = resultFixture().plan;
const heldBack = operationFixture({
  counters: { heldBack: 14, heldBackUs: 28_000, unsent: 3 },
});

const OF_ETCD = [
  ...longerLeaseNotes(5, 15),
  endedMemberNote("m1", "it was killed (SIGKILL)"),
  restartNote("m1", 1),
  versionsNote("3.4.23 and 3.5.30"),
  ...proxyNotes(["serializable-reads"]),
  ...proxyNotes(["keep-alives"]),
  "127.0.0.1:1 answers as 3 different members: it is a proxy that spreads the load.",
  "localhost:1 and 127.0.0.1:1 are one member, m1: it gets the connections of each.",
  '127.0.0.1:1 reports "memberID:1 alarm:NOSPACE ".',
  "The cluster has no leader.",
  "The cluster's members could not be listed (permission denied): only those named are known.",
  "--user has no effect: authentication is not enabled in etcd.",
  "The files of --cert, --key changed after bench had read them: connections opened since then used what was read; start anew to use what is in them now.",
  "The metrics of member m1 were not read: http://127.0.0.1:1: HTTP status 404.",
  "The metrics of member m1: 2 of 9 readings failed (first: ECONNREFUSED); the last that did not is from 1.0 s before the end.",
];
const OF_LOAD = [
  ...idleNotes({ ...load, connections: 3, clients: 1 }, [
    { member: "m1", count: 1, messages: 9 },
    { member: "m2", count: 2, messages: 0, idle: 2 },
  ]),
  ...heldBackNotes([heldBack]),
  ...resentNotes([operationFixture({ resends: [{ reason: "GOAWAY", count: 4 }] })]),
  "The key does not exist: this measures empty answers.",
  "No key is in the range: this measures empty answers.",
  "100 requests of --warmup were sent and discarded. 7 of them failed: UNAVAILABLE: lost.",
  "2 compactions came due while another was under way: left out.",
  "2 times of --defrag-at had not come when the run was over.",
  "The first time of --compact-interval had not come when the run was over.",
  "No compaction was made: nothing to compact: the revision is 100, and 1000 are to stay.",
];
const OF_CLIENT = [
  tooManyWorkers(4, 2)!,
  "Agent a has 1 CPU for 2 workers, which take CPU from each other; lower --workers.",
  "Agent a was lost (no sign of life): what was due on it and is in no report of its counts as dropped, and whether it was sent is not known.",
  "Whether agents began within 10.0 ms of each other cannot be told, since clocks are known to 20.0 ms; run longer.",
];
const ROUTINE = [
  "Each client's lease was revoked at the end.",
  "Before the clock started, 20 serializable reads of an absent key warmed the connections; they are in no figure.",
  "100 requests of --warmup were sent and discarded.",
  "--cleanup deleted 3 keys that this run had written; that is in no figure.",
  'Reads the key "bench-ra", which this run has put.',
  "The range holds 7 keys.",
  ...agentNotes([agentFixture("a", 1), agentFixture("b", 1)], 5),
];

test("each kind of note that figures depend on is counted with its runs, and routine ones are not", () => {
  for (const note of [...OF_ETCD, ...OF_LOAD, ...OF_CLIENT]) {
    const runs = [resultFixture({ notes: [note, ...ROUTINE] }), resultFixture({ notes: [] })];
    assert.equal(countedNotes(runs, { of: " of b" }), [`in 1 of 2 runs of b: ${note}`]);
  }
});

test("of notes whose counts differ from run to run, one is shown and the others are counted", () => {
  const runs = [14, 15, 15].map((count) => {
    const operation = operationFixture({ counters: { heldBack: count, heldBackUs: 9_000 } });
    return resultFixture({ notes: heldBackNotes([operation]) });
  });
  const [first] = runs[0]!.notes;
  assert.equal(countedNotes(runs), [`in 3 of 3 runs: ${first} And 1 more.`]);
});

test("what a fault does to its trials is in their figures, and in no note on them", () => {
  const runs = [resultFixture({ notes: OF_LOAD })];
  const told = countedNotes(runs, { what: "trial", isTrial: true }).join("\n");
  assert.not.match(told, /waited in the client|could not be sent|sent again/);
  assert.match(told, /all requests went to m1/);
});

test("pauses that may be the highest latencies are counted over runs that they did not limit", () => {
  const ofMain = { mainThreadCount: 0, mainThreadTotalMs: 0 };
  const pauses = { count: 1, totalMs: 60, longestMs: 60, percent: 0.4, ...ofMain, longest: [] };
  const paused = resultFixture({
    operations: [operationFixture({ serviceTime: { maxMs: 61 } })],
    client: { pauses },
  });
  const toldOf = (run: RunResult) =>
    aroundRuns([run, resultFixture()], { of: " of b" }).filter((text) => text.includes("paused"));
  assert.equal(toldOf(paused), [
    "the client paused in 1 of 2 runs of b, for up to 60 ms: the highest latencies, as p99.9, may be its own.",
  ]);
  assert.equal(toldOf({ ...paused, verdict: { kind: "client-limited", reasons: ["x"] } }), []);
});

test("runs for which Little's law does not hold are counted, with the worst", () => {
  const runOf = (ratio: number) => {
    const littlesLaw = { expectedMeanMs: 10, measuredMeanMs: 10 * ratio, ratio };
    return resultFixture({ operations: [operationFixture({ littlesLaw })] });
  };
  const told = (runs: RunResult[]) =>
    aroundRuns(runs).filter((text) => text.startsWith("Little's law"));
  assert.equal(told([runOf(1), runOf(1.01)]), []);
  const [text, ...others] = told([runOf(1), runOf(0.9), runOf(0.5)]);
  assert.equal(others, []);
  assert.match(text!, /^Little's law does not hold for put in 2 of 3 runs, most in one: /);
  assert.match(text!, /the mean latency is 5\.00 ms; clients were idle, or a figure is wrong\.$/);
});

test.run();
