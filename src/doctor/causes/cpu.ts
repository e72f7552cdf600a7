/** The CPU of the members: whether they get one when they have work. */
import { formatCount, formatPercent } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import type { Evidence } from "../evidence.ts";
import type { Verdict } from "../finding.ts";
import { riseOf } from "../window.ts";
import { timeWords } from "../words.ts";
import {
  type Findings,
  findingOf,
  othersOnFullMachine,
  spansOf,
  waitPerSliceSeconds,
} from "./judged.ts";

const MS_PER_SECOND = 1_000;
/** A put wakes a thread of etcd five times or more, so that it waits several times as long. */
const SUSPECT_WAIT_SECONDS = 0.000_75;
const TOO_LONG_WAIT_SECONDS = 0.002_5;
/** Shorter waits count where other processes fill the CPUs, and they come to more than it ran. */
const WAITS_OVER_RUNS = 1.5;
/** Below so many, a wait is an accident. */
const LEAST_SLICES = 200;
const SUSPECT_USE = 0.8;
const SUSPECT_THROTTLED = 0.01;
const TOO_MUCH_THROTTLED = 0.05;
const SUSPECT_STEAL_PERCENT = 5;
const TOO_MUCH_STEAL_PERCENT = 20;
/** A pause that stops all of Go takes some 0.1 ms where it gets its CPUs. */
const SUSPECT_PAUSE_SECONDS = 0.005;
const LEAST_PAUSES = 5;

type Seen = ReturnType<typeof spansOf>[number];

export function judgeCpu(evidence: Evidence): Findings {
  return [
    ...spansOf(evidence).flatMap((seen) => [
      ...runQueue(seen, evidence),
      ...use(seen),
      ...throttling(seen),
      ...pauses(seen),
    ]),
    ...steal(evidence),
  ];
}

function runQueue({ member }: Seen, { client }: Evidence): Findings {
  const { process, name } = member;
  const waited = waitPerSliceSeconds(member);
  const slices = process?.timeSlices ?? 0;
  const about = {
    ...{ what: "waits for a CPU", member: name },
    bound: `mean < ${timeWords(SUSPECT_WAIT_SECONDS)}`,
    source: "/proc, bound of bench",
  };
  if (waited === null || process === null) {
    const figure = member.isLocal
      ? "the kernel does not tell it"
      : "it is known on the member's own machine alone";
    return [findingOf("cpu", { ...about, figure, verdict: "not known" })];
  }
  const isSure = slices >= LEAST_SLICES;
  const byWait = level(waited, SUSPECT_WAIT_SECONDS, TOO_LONG_WAIT_SECONDS);
  const others = othersOnFullMachine(client);
  const ran = process.cpuSeconds ?? 0;
  // Each wait is short, since the kernel prefers what seldom runs; all together slow it down.
  const isTaken = others !== null && process.runQueueSeconds! >= WAITS_OVER_RUNS * ran;
  const verdict = byWait === "fine" && isTaken ? "suspect" : byWait;
  return [
    findingOf("cpu", {
      ...about,
      figure:
        `mean ${timeWords(waited)}, ${formatNoun(slices, "time")}, ` +
        `${timeWords(process.runQueueSeconds!)} in all; ran ${timeWords(ran)}` +
        (isTaken ? `; other processes took ${formatPercent(others)} of the CPUs` : ""),
      ...{ value: waited * MS_PER_SECOND, unit: "ms" },
      bound: byWait === verdict ? about.bound : `waits < ${WAITS_OVER_RUNS} times what it ran`,
      verdict: isSure || verdict === "fine" ? verdict : "suspect",
      confidence: !isSure ? "low" : byWait === verdict ? "high" : "medium",
      nextCommand: verdict === "fine" ? null : `top -H -d 5 -p ${process.pid}`,
    }),
  ];
}

/** Of the CPUs that it may use, of which newer etcds tell the number themselves. */
function use({ member, span }: Seen): Findings {
  const seconds = riseOf(span, "process_cpu_seconds_total");
  if (seconds === null || span.seconds === null || span.seconds <= 0) return [];
  const used = seconds / span.seconds;
  const cpus = member.process?.cpus ?? span.last.value("go_sched_gomaxprocs_threads");
  const about = { what: "use of the CPUs", member: member.name, value: used } as const;
  if (cpus === null || cpus <= 0) {
    const figure = `${used.toFixed(2)} CPUs, of how many is not known`;
    return [findingOf("cpu", { ...about, unit: "count", figure, verdict: "not known" })];
  }
  const isFull = used >= SUSPECT_USE * cpus;
  return [
    findingOf("cpu", {
      ...{ ...about, unit: "count", bound: `< ${formatPercent(SUSPECT_USE * 100)} of them` },
      source: "bound of bench",
      figure: `${used.toFixed(2)} of ${Number(cpus.toFixed(2))} CPUs`,
      verdict: isFull ? "suspect" : "fine",
      // Expensive requests use it.
      ...{ confidence: isFull ? "medium" : "high", isSymptom: true },
      nextCommand: isFull ? cpuProfile(member.url) : null,
    }),
  ];
}

function cpuProfile(url: string | null): string {
  return `go tool pprof ${url ?? "http://MEMBER"}/debug/pprof/profile`;
}

function throttling({ member, span }: Seen): Findings {
  const seconds = member.process?.throttledSeconds ?? null;
  if (seconds === null || span.seconds === null || span.seconds <= 0) return [];
  const share = seconds / span.seconds;
  const verdict = level(share, SUSPECT_THROTTLED, TOO_MUCH_THROTTLED);
  return [
    findingOf("cpu", {
      ...{ what: "kept from running by its quota", member: member.name, verdict },
      figure: `${timeWords(seconds)} in ${timeWords(span.seconds)}`,
      ...{ value: share, unit: "share", confidence: "high" },
      ...{ bound: `< ${formatPercent(SUSPECT_THROTTLED * 100)}`, source: "cgroup, bound of bench" },
      nextCommand: verdict === "fine" ? null : `cat /proc/${member.process!.pid}/cgroup`,
    }),
  ];
}

/** On another machine, the pauses of Go's collector are all that tells of a CPU that does not come. */
function pauses({ member, span }: Seen): Findings {
  if (member.process !== null) return [];
  const sum = riseOf(span, "go_gc_duration_seconds_sum");
  const count = riseOf(span, "go_gc_duration_seconds_count");
  if (sum === null || count === null || count < LEAST_PAUSES) return [];
  const mean = sum / count;
  const isLong = mean >= SUSPECT_PAUSE_SECONDS;
  return [
    findingOf("cpu", {
      ...{ what: "pauses of Go's collector", member: member.name },
      figure: `mean ${timeWords(mean)}, ${formatCount(count)} of them`,
      ...{ value: mean * MS_PER_SECOND, unit: "ms", confidence: "low" },
      ...{ bound: `mean < ${timeWords(SUSPECT_PAUSE_SECONDS)}`, source: "bound of bench" },
      verdict: isLong ? "suspect" : "fine",
      nextCommand: isLong ? "cat /proc/pressure/cpu" : null,
    }),
  ];
}

function steal({ members, client }: Evidence): Findings {
  const percent = client?.machine?.stealPercent ?? null;
  if (percent === null || !members.some(({ isLocal }) => isLocal)) return [];
  const verdict = level(percent, SUSPECT_STEAL_PERCENT, TOO_MUCH_STEAL_PERCENT);
  return [
    findingOf("cpu", {
      ...{ what: "taken by the hypervisor", verdict, confidence: "medium" },
      ...{ figure: `${formatPercent(percent)} of the CPUs`, value: percent / 100, unit: "share" },
      ...{ bound: `< ${SUSPECT_STEAL_PERCENT}%`, source: "/proc/stat, bound of bench" },
      nextCommand: verdict === "fine" ? null : "vmstat 1",
    }),
  ];
}

function level(value: number, suspect: number, tooSlow: number): Verdict {
  if (value >= tooSlow) return "too slow";
  return value >= suspect ? "suspect" : "fine";
}
