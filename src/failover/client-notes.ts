/** Notes on what the client itself did to the figures of trials and controls. */
import { formatNoun } from "../text/noun.ts";
import { windowsBeyondPauses } from "./paused-client.ts";
import type { Trial } from "./service-rows.ts";

/** In all: less than this is no part of a window that matters. */
const LEAST_NOTED_MS = 250;

/** A window of a control that the client's own pauses do not explain. */
export function controlWindowNotes(controls: readonly Trial[]): string[] {
  const windows = controls.flatMap(({ availability: { groups, slowMs }, pausedMs }) =>
    groups.flatMap((group) => windowsBeyondPauses(group, pausedMs, slowMs)),
  );
  const longest = windows.toSorted((a, b) => b.restMs - a.restMs)[0];
  if (longest === undefined) return [];
  const beyond = longest.isPaused ? " and beyond the client's own pauses" : "";
  return [
    `A control run had a window of ${Math.round(longest.restMs)} ms without any fault${beyond}: this machine, its disk or its network makes windows of this length by itself.`,
  ];
}

export function clientNotes(trials: readonly Trial[], controls: readonly Trial[]): string[] {
  const afterFaultMs = longestMs(trials, ({ availability }) => availability.fault?.startMs ?? 0);
  const inControlMs = longestMs(controls, () => 0);
  return [
    ...limitedNotes(trials, "trial"),
    ...limitedNotes(controls, "control"),
    ...unmetNotes(trials, "trial"),
    ...unmetNotes(controls, "control"),
    ...(afterFaultMs < LEAST_NOTED_MS
      ? []
      : [
          `After the fault the client paused for up to ${Math.round(afterFaultMs)} ms in one trial: windows and times hold that, and a threshold that they break because of it is undecided.`,
        ]),
    ...(inControlMs < LEAST_NOTED_MS
      ? []
      : [
          `The client paused for up to ${Math.round(inControlMs)} ms in one control: the windows of the controls hold that, which is neither the machine's nor etcd's.`,
        ]),
  ];
}

function limitedNotes(runs: readonly Trial[], what: string): string[] {
  const limited = runs.filter(({ result }) => result.verdict.kind === "client-limited").length;
  return limited === 0
    ? []
    : [
        `In ${limited} of ${formatNoun(runs.length, what)} the client paused or was busy: their results say when.`,
      ];
}

/** Requests that no client was free to send in time are missed in the figures as those that etcd did not answer. */
function unmetNotes(runs: readonly Trial[], what: string): string[] {
  const unmet = runs.filter(({ result }) => result.verdict.kind === "rate-unmet");
  const [first] = unmet;
  if (first === undefined) return [];
  const [reason = ""] = first.result.verdict.reasons;
  return [
    `In ${unmet.length} of ${formatNoun(runs.length, what)} the rate was not met: ${reason}.`,
  ];
}

/** Of the runs, for how long the client paused at most in one of them. */
function longestMs(runs: readonly Trial[], fromMs: (run: Trial) => number): number {
  return Math.max(0, ...runs.map((run) => run.pausedMs(fromMs(run), Number.POSITIVE_INFINITY)));
}
