/** Tests the notes of a failover report: on the machine, the client, the etcd, and controls. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { trialLine } from "../../../src/cli/failover/trial-line.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { longerLeaseNotes } from "../../../src/result/target-notes.ts";
import { availabilityOf, groupOf } from "../../fixtures/availability-fixture.ts";
import { failoverReportOf, pausing, sessionOf, trialOf } from "../../fixtures/failover-fixture.ts";

const REMOVAL = {
  ...{ kind: "remove", text: null, member: "m1", revision: null, error: null },
  ...{ startSeconds: 1, durationSeconds: null },
};

test("notes report leases that etcd lengthened, once for all trials", () => {
  const [note] = longerLeaseNotes(1, 2);
  const longer = (run: RunResult): RunResult => ({ ...run, notes: [...run.notes, note!] });
  const faulted = [1, 2].map((trial) => longer(trialOf(trial, availabilityOf(900))));
  const { notes } = failoverReportOf([900, 900], { faulted });
  assert.equal(
    notes.filter((each) => each.includes(note!)),
    [`In 2 of 2 trials: ${note}`],
  );
});

test("notes report a busy machine during trials and controls, with the share", () => {
  const busy = (run: RunResult, otherCpuPercent: number): RunResult => {
    return { ...run, machine: { ...run.machine!, otherCpuPercent, idleCpuPercent: 2 } };
  };
  const trials = [1, 2, 3].map((trial) => trialOf(trial, availabilityOf(900)));
  const faulted = [busy(trials[0]!, 30), trials[1]!, busy(trials[2]!, 70)];
  const control = [busy(trialOf(1, availabilityOf(0, { fault: null })), 50)];
  const { notes } = failoverReportOf([900, 900, 900], { faulted, control });
  assert.equal(
    notes.filter((note) => note.startsWith("Other")),
    [
      "Other processes took 30% to 70% of this machine's CPU during 2 of 3 trials: their figures are those of a busy machine.",
      "Other processes took 50% of this machine's CPU during 1 of 1 control: their figures are those of a busy machine.",
    ],
  );
});

test("a note reports a window in a control run", () => {
  const control = [trialOf(1, availabilityOf(700, { fault: null }))];
  const { notes } = failoverReportOf([900], { control });
  assert.match(notes.join(" "), "A control run had a window of 800 ms");
});

/** Notes on one control, which has a window of `windowMs` in which the client paused. */
function notesOfControl(windowMs: number, pausedMs: number): string {
  const groups = [groupOf("put", "all", null, windowMs)];
  const control = [pausing(trialOf(1, availabilityOf(0, { fault: null, groups })), pausedMs)];
  return failoverReportOf([900], { control }).notes.join(" ");
}

test("a window of a control that the client's pause made is not charged to the machine", () => {
  const notes = notesOfControl(1_510, 1_300);
  assert.not.match(notes, "this machine, its disk or its network");
  assert.match(notes, "The client paused for up to 1300 ms in one control");
});

test("of a control's window with a short pause, the rest is charged to the machine", () => {
  const notes = notesOfControl(2_000, 300);
  assert.match(notes, "a window of 1700 ms without any fault and beyond the client's own pauses");
  assert.match(notes, "The client paused for up to 300 ms in one control");
});

test("the line of a run has the client's pause within its longest window", () => {
  const groups = [groupOf("put", "all", null, 1_510)];
  const control = trialOf(1, availabilityOf(0, { fault: null, groups }));
  assert.match(
    trialLine("control 1", [pausing(control, 1_300)]),
    "unavailable for 1.51 s (the client paused for 1.30 s of it), ",
  );
  assert.match(trialLine("control 1", [control]), "unavailable for 1.51 s, ");
});

test("notes count the controls, as the trials, in which the client was the limit", () => {
  const control = [trialOf(1, availabilityOf(0, { fault: null }))];
  control[0]!.verdict = { kind: "client-limited", reasons: ["it paused"] };
  const { notes } = failoverReportOf([900], { control });
  assert.match(notes.join(" "), "In 1 of 1 control the client paused or was busy");
  assert.not.match(notes.join(" "), "trial the client paused");
});

test("notes count the trials and controls that did not meet their rate, with the reason", () => {
  const reason = "30 of 800 availability requests that were due could not be sent: raise --clients";
  const [faulted, control] = [
    trialOf(1, availabilityOf(0)),
    trialOf(1, availabilityOf(0, { fault: null })),
  ];
  control!.verdict = { kind: "rate-unmet", reasons: [reason] };
  const notesOf = () =>
    failoverReportOf([], { faulted: [faulted!], control: [control!] }).notes.join("\n");
  assert.match(notesOf(), `In 1 of 1 control the rate was not met: ${reason}.`);
  assert.not.match(notesOf(), "trial the rate");
  faulted!.verdict = control!.verdict;
  assert.match(notesOf(), `In 1 of 1 trial the rate was not met: ${reason}.`);
});

test("a note says that trials were measured on different machines, and with different versions", () => {
  const faulted = [trialOf(1, availabilityOf(0)), trialOf(2, availabilityOf(0))];
  const notesOf = () => failoverReportOf([], { faulted }).notes.join("\n");
  assert.not.match(notesOf(), "different");
  faulted[1]!.environment = { ...faulted[1]!.environment, cpusAvailable: 1 };
  faulted[1]!.target = { ...faulted[1]!.target, version: "3.6.1" };
  assert.match(
    notesOf(),
    /^The trials and controls were measured on different machines, 2 x .* and 1 x /m,
  );
  assert.match(
    notesOf(),
    /^.* were measured with different versions of etcd, 3\.5\.30 and 3\.6\.1: /m,
  );
});

test("a report says how the cluster changed in trials and controls, but for what the fault does", () => {
  const change = (kind: "member" | "leader", text: string) => {
    return { kind, text, isFault: false, atSeconds: 1 };
  };
  const joined = change("member", "m4 joined");
  const { faulted, control } = sessionOf([900, 1_000]);
  faulted[1]!.target.changes = [change("leader", "the leader moved"), joined];
  control[0]!.target.changes = [change("leader", "the leader moved by itself")];
  const notesOf = () => failoverReportOf([900, 1_000], { faulted, control }).notes.join("\n");
  assert.match(notesOf(), /^The cluster changed during 1 of 2 trials: m4 joined\.$/m);
  assert.match(
    notesOf(),
    /^The cluster changed during 1 of 1 control: the leader moved by itself/m,
  );
  faulted[0]!.moments = [REMOVAL];
  assert.not.match(notesOf(), /m4 joined/);
});

test.run();
