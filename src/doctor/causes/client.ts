/** The machine of the client itself, without which no latency that it sees is etcd's. */
import { formatCount, formatPercent } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import type { Evidence } from "../evidence.ts";
import { timeWords } from "../words.ts";
import { type Findings, findingOf } from "./judged.ts";

const SUSPECT_WAIT_SECONDS = 0.002;
/** On a full machine. */
const LONG_WAIT_SECONDS = 0.001;
const LEAST_SLICES = 100;
/** Own requests then look like those of an etcd that stalls. */
const LONG_PAUSE_SECONDS = 1;
const LEAST_IDLE_PERCENT = 5;
const MOST_THROTTLED = 0.01;

export function judgeClient({ client, windowSeconds, probes }: Evidence): Findings {
  if (client === null) return [];
  return [
    ...pauses(client),
    ...waits(client),
    ...busy(client),
    ...throttled(client, windowSeconds),
    ...slept(client),
    ...load(probes),
  ];
}

/** As every run of bench, the load of the probe says whether the client was its limit. */
function load({ load: probed }: Evidence["probes"]): Findings {
  if (probed === null) return [];
  const steps = probed.steps.map(({ ratePerSec, response, failed, dropped }) => {
    const p50 = response?.p50Ms ?? null;
    const time = p50 === null ? "" : `, p50 ${timeWords(p50 / 1_000)}`;
    const lost =
      failed + dropped === 0 ? "" : `, ${formatCount(failed + dropped)} failed or dropped`;
    return `${formatCount(ratePerSec)}/s${time}${lost}`;
  });
  const isClients = probed.steps.some(({ verdict }) => verdict.kind === "client-limited");
  return [
    findingOf("client", {
      what: "light load",
      figure: [...steps, ...(probed.fault === null ? [] : [`ended: ${probed.fault}`])].join("; "),
      ...{ bound: "the client is not the limit", source: "verdict of the run" },
      verdict: steps.length === 0 ? "not known" : isClients ? "suspect" : "fine",
      confidence: "medium",
      nextCommand: isClients ? "bench calibrate" : null,
    }),
  ];
}

type Client = NonNullable<Evidence["client"]>;

/** What is due or in flight then is late, or fails, by this process alone. */
function pauses({ pauses: { count, totalSeconds, longestSeconds } }: Client): Findings {
  const isLong = longestSeconds >= LONG_PAUSE_SECONDS;
  return [
    findingOf("client", {
      ...{ what: "pauses of this process", value: longestSeconds, unit: "seconds" },
      figure:
        count === 0
          ? "none"
          : `${formatCount(count)}, ${timeWords(totalSeconds)} in all, ${timeWords(longestSeconds)} the longest`,
      ...{ bound: `< ${timeWords(LONG_PAUSE_SECONDS)}`, source: "bound of bench" },
      verdict: isLong ? "suspect" : "fine",
      confidence: "high",
      nextCommand: isLong ? "bench doctor" : null,
    }),
  ];
}

function waits({ process }: Client): Findings {
  const { runQueueSeconds, timeSlices } = process;
  const about = { what: "waits of this process for a CPU" };
  if (runQueueSeconds === null || !timeSlices) {
    const figure = "the kernel does not tell it";
    return [findingOf("client", { ...about, figure, verdict: "not known" })];
  }
  const waited = runQueueSeconds / timeSlices;
  const isLong = waited >= SUSPECT_WAIT_SECONDS && timeSlices >= LEAST_SLICES;
  return [
    findingOf("client", {
      ...{ ...about, value: waited * 1_000, unit: "ms" },
      figure: `${timeWords(waited)} on average, ${formatNoun(timeSlices, "time")}`,
      ...{ bound: `mean < ${timeWords(SUSPECT_WAIT_SECONDS)}`, source: "/proc, bound of bench" },
      verdict: isLong ? "suspect" : "fine",
      confidence: isLong ? "medium" : "high",
      nextCommand: isLong ? "top" : null,
    }),
  ];
}

/** A busy machine is no fault as long as what has work gets a CPU. */
function busy({ machine, process }: Client): Findings {
  const idle = machine?.idleCpuPercent ?? null;
  if (machine === null || idle === null) return [];
  const { otherCpuPercent: others, cpuPressurePercent: pressure } = machine;
  const waited = (process.runQueueSeconds ?? 0) / (process.timeSlices || 1);
  const isFull = idle < LEAST_IDLE_PERCENT && waited >= LONG_WAIT_SECONDS;
  return [
    findingOf("client", {
      ...{ what: "CPUs of this machine", value: idle / 100, unit: "share" },
      figure: [
        `${formatPercent(idle)} idle`,
        ...(others === null ? [] : [`${formatPercent(others)} of other processes`]),
        ...(pressure === null
          ? []
          : [`some process waited ${formatPercent(pressure)} of the time`]),
      ].join(", "),
      bound: `> ${LEAST_IDLE_PERCENT}% idle, or waits < ${timeWords(LONG_WAIT_SECONDS)}`,
      source: "/proc, bound of bench",
      verdict: isFull ? "suspect" : "fine",
      confidence: isFull ? "low" : "high",
      nextCommand: isFull ? "top" : null,
    }),
  ];
}

function throttled({ process }: Client, windowSeconds: number | null): Findings {
  const seconds = process.throttledSeconds;
  if (seconds === null || windowSeconds === null || windowSeconds <= 0) return [];
  const share = seconds / windowSeconds;
  const isMuch = share >= MOST_THROTTLED;
  return [
    findingOf("client", {
      ...{ what: "kept from running by its quota", value: share, unit: "share" },
      figure: `${timeWords(seconds)} in ${timeWords(windowSeconds)}`,
      ...{ bound: `< ${formatPercent(MOST_THROTTLED * 100)}`, source: "cgroup, bound of bench" },
      verdict: isMuch ? "suspect" : "fine",
      confidence: isMuch ? "medium" : "high",
      nextCommand: isMuch ? "cat /proc/self/cgroup" : null,
    }),
  ];
}

function slept({ machine }: Client): Findings {
  const seconds = machine?.suspendedSeconds ?? null;
  if (seconds === null || seconds === 0) return [];
  return [
    findingOf("client", {
      ...{
        what: "this machine slept",
        figure: timeWords(seconds),
        value: seconds,
        unit: "seconds",
      },
      ...{ bound: "0 s", source: "bound of bench", verdict: "suspect", confidence: "high" },
      nextCommand: "journalctl -b | grep -i suspend",
    }),
  ];
}
