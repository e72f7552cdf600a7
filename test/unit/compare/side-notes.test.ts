/** Tests what a comparison notes of the runs of its two sides. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../src/compare/compare.ts";
import { seededRandom } from "../../../src/random.ts";
import { longerLeaseNotes } from "../../../src/result/target-notes.ts";
import { OPTIONS, sidesOf } from "./simulated-runs.ts";

test("a note reports a cluster that changed during runs, by side and with what was seen", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(1, 1));
  const joined = { kind: "member" as const, isFault: false, text: "m2 joined", atSeconds: 1 };
  const moved = { ...joined, kind: "leader" as const, text: "the leader moved" };
  for (const run of base.slice(0, 2)) run.target = { ...run.target, changes: [joined, moved] };
  const told = compareRuns(base, head, OPTIONS).notes.filter((note) =>
    /cluster changed/.test(note),
  );
  assert.is(told.length, 1);
  assert.match(told[0]!, /changed during 2 of 6 runs of \w+: m2 joined; the leader moved\.$/);
});

test("a note reports a cluster that changed between two runs of a comparison", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(1, 1));
  const joined = { kind: "member" as const, isFault: false, text: "m2 joined", atSeconds: -1 };
  head[3]!.target = { ...head[3]!.target, changes: [joined] };
  const { notes } = compareRuns(base, head, OPTIONS);
  assert.match(notes.join("\n"), /changed before the load of 1 of 6 runs of \w+: m2 joined\.$/m);
});

test("a note reports a machine that was busy during runs, by side and with the share", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(1, 1));
  const busy = (otherCpuPercent: number) => {
    return { ...base[0]!.machine!, otherCpuPercent, idleCpuPercent: 1 };
  };
  base[0]!.machine = busy(30.2);
  base[3]!.machine = busy(88.9);
  head[2]!.machine = { ...busy(9), stealPercent: 4 };
  // The machine of the result sends no load for agents.
  head[1] = { ...head[1]!, machine: busy(90), client: { ...head[1]!.client, agents: [] } };
  const labels = { ...OPTIONS, baseLabel: "old", headLabel: "new" };
  const { notes, isMachineBusy } = compareRuns(base, head, labels);
  assert.is(isMachineBusy, true);
  const told = notes.filter((note) => /machine/.test(note));
  assert.is(told.length, 2, notes.join("\n"));
  assert.match(
    told[0]!,
    /: other processes took 30% to 89% of this machine's CPU during 2 of 6 runs of old: .*busy machine\.$/,
  );
  assert.match(told[1]!, /: the hypervisor gave 4\.0% .*\(steal\) during 1 of 6 runs of new\.$/);
});

test("a note reports runs in which the client may have been late, by side", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(1, 1));
  const late = head[1]!;
  const { p99Ms } = late.operations[0]!.serviceTime;
  late.client = { ...late.client, eventLoopDelayP99Ms: Math.max(3, p99Ms! * 0.3) };
  const labels = { ...OPTIONS, baseLabel: "old", headLabel: "new" };
  const { notes, isMachineBusy } = compareRuns(base, head, labels);
  assert.is(isMachineBusy, false);
  assert.match(
    notes.join("\n"),
    /: this client may have been late in 1 of 6 runs of new: of the service time's p99 of /,
  );
  assert.not.match(notes.join("\n"), /runs of old: of/);
});

test("a comparison says in how many runs of which side etcd lengthened leases", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const [lease] = longerLeaseNotes(5, 15);
  head[2] = { ...head[2]!, notes: [lease!] };
  const notes = compareRuns(base, head, OPTIONS).notes.join("\n");
  assert.match(notes, new RegExp(`: in 1 of 6 runs of .*: ${lease}`));
});

test("a note counts the runs whose agents did not begin together, with how far apart they were", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const notes = () => compareRuns(base, head, OPTIONS).notes.join("\n");
  assert.not.match(notes(), "skewed");
  head[2] = { ...head[2]!, verdict: { kind: "skewed", reasons: ["agents began 40.0 ms apart"] } };
  assert.match(notes(), ": 1 of 12 runs were skewed: agents began 40.0 ms apart.");
});

test("a note says that the ranges of the two sides do not hold as many keys", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const notes = () => compareRuns(base, head, OPTIONS).notes.join("\n");
  for (const run of [...base, ...head]) run.notes = ["The range holds 10 keys."];
  assert.not.match(notes(), "the range that is read");
  for (const run of head) run.notes = ["The range holds 10000 keys."];
  assert.match(
    notes(),
    /: the range that is read holds 10 keys in \w+ and 10000 keys in \w+: the answers/,
  );
  for (const run of base) run.notes = ["No key is in the range: this measures empty answers."];
  assert.match(notes(), "holds no key in");
});

test("a note says in what the clusters of the two sides differ", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const labels = { ...OPTIONS, baseLabel: "old", headLabel: "new" };
  const told = () =>
    compareRuns(base, head, labels).notes.filter((note) => /clusters of the two/.test(note));
  assert.equal(told(), []);
  for (const run of head) {
    run.target = { ...run.target, members: run.target.members.slice(0, 1) };
    run.target.dataFileSystem = "tmpfs";
    run.plan = { ...run.plan, target: { ...run.plan.target, user: "root" } };
  }
  assert.is(told().length, 1);
  assert.match(
    told()[0]!,
    /: the clusters of the two sides differ in members \(3 in old, 1 in new\), the file system of the data \(ext4 in old, tmpfs in new\), authentication \(no in old, yes in new\)\.$/,
  );
  const session = "s";
  for (const run of [...base, ...head]) run.plan = { ...run.plan, labels: { session } };
  assert.not.match(told()[0]!, /authentication/, "the arms of bench ab are named by their flags");
});

test.run();
