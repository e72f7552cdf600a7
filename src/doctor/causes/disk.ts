/** The disk: how long etcd's log and its database take to reach it. */
import { formatBytes, formatPercent, formatRate } from "../../tables/number-format.ts";
import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { meanOf, quantileRange, riseOf, riseOfHistogram } from "../window.ts";
import { histogramWords } from "../words.ts";
import { probeWords } from "./canary.ts";
import {
  type Findings,
  findingOf,
  judgeWrites,
  othersOnFullMachine,
  spansOf,
  withWhy,
} from "./judged.ts";

const MS_PER_SECOND = 1_000;
const LIMIT_MS = 10;
const LEAST_SYNCS_PER_SECOND = 50;
/** Of the time, in which some process of the machine waited for a disk. */
const PRESSURE_PERCENT = 40;

const WRITES = [
  {
    name: "etcd_disk_wal_fsync_duration_seconds",
    what: "fsync of the log",
    limitSeconds: 0.01,
    waits: 5,
    bound: "p99 < 10 ms",
  },
  {
    name: "etcd_disk_backend_commit_duration_seconds",
    what: "commit of the database",
    limitSeconds: 0.025,
    waits: 10,
    bound: "p99 < 25 ms",
  },
] as const;

export function judgeDisk(evidence: Evidence): Findings {
  return [
    ...spansOf(evidence).flatMap((each) =>
      WRITES.map((write) => judgeWrite(write, each, evidence)),
    ),
    ...spansOf(evidence).flatMap(logBytes),
    ...probed(evidence),
    ...pressure(evidence),
  ];
}

type Seen = ReturnType<typeof spansOf>[number];

function judgeWrite(
  { name, what, bound, ...limit }: (typeof WRITES)[number],
  seen: Seen,
  { client }: Evidence,
): Finding {
  const { member, span } = seen;
  const rise = riseOfHistogram(span, name);
  const about = { what, member: member.name, bound, source: "etcd FAQ" };
  if (rise === null) {
    const figure = "its metrics page has no times of it";
    return findingOf("disk", { ...about, figure, verdict: "not known" });
  }
  if (rise.total === 0) {
    const figure = "nothing was written in the window";
    return findingOf("disk", { ...about, figure, verdict: "not known" });
  }
  const { verdict, confidence, why } = judgeWrites(rise, limit, { ...seen, client });
  const range = quantileRange(rise, 0.99);
  const value = range === null || !Number.isFinite(range.atMost) ? meanOf(rise) : range.atMost;
  const isBad = verdict === "suspect" || verdict === "too slow";
  return findingOf("disk", {
    ...{ ...about, verdict, confidence },
    figure: withWhy(histogramWords(rise, span.seconds), why),
    value: value === null ? null : value * MS_PER_SECOND,
    unit: "ms",
    nextCommand: isBad ? lookAtDisk(seen) : null,
  });
}

/** On another machine, fio in the shape of etcd's log, in the folder of its data. */
function lookAtDisk({ member: { isLocal } }: Seen): string {
  return isLocal
    ? "iostat -x 1"
    : "fio --rw=write --ioengine=sync --fdatasync=1 --directory=DATA-DIR --size=22m --bs=2300 --name=etcd";
}

function logBytes({ member, span }: Seen): Findings {
  const bytes = riseOf(span, "etcd_disk_wal_write_bytes_total");
  if (bytes === null || span.seconds === null || span.seconds <= 0) return [];
  const perSecond = bytes / span.seconds;
  return [
    findingOf("disk", {
      ...{ what: "written to the log", member: member.name, confidence: "high" },
      ...{ figure: `${formatBytes(perSecond)} a second`, value: perSecond, unit: "per second" },
    }),
  ];
}

/** The probe writes in the shape of etcd's log, where nothing else of etcd takes time. */
function probed({ probes, client }: Evidence): Findings {
  // The probe waits for a CPU as all others do.
  const isForCpu = othersOnFullMachine(client) !== null;
  return probes.disks.flatMap(({ folder, tool, sync, fault }): Findings => {
    const about = { what: `fdatasync of 2,300 B in ${folder}`, bound: "p99 < 10 ms" };
    const source = `${tool}; etcd FAQ`;
    const { meanMs = null, p99Ms = null } = sync ?? {};
    if (sync === null || meanMs === null) {
      const figure = fault ?? "nothing was written";
      return [findingOf("disk", { ...about, source, figure, verdict: "not known" })];
    }
    const isSlow = p99Ms !== null && p99Ms >= LIMIT_MS;
    const verdict = !isSlow ? "fine" : meanMs >= LIMIT_MS && !isForCpu ? "too slow" : "suspect";
    const rate = `${formatRate(MS_PER_SECOND / meanMs)} a second`;
    return [
      findingOf("disk", {
        ...{ ...about, source, verdict, value: p99Ms, unit: "ms" },
        figure: withWhy(`${probeWords(sync)}, ${rate}`, fault ?? ""),
        confidence: !isSlow ? (p99Ms === null ? "low" : "high") : isForCpu ? "low" : "medium",
        nextCommand: isSlow ? "iostat -x 1" : null,
      }),
      findingOf("disk", {
        ...{ what: `syncs one after the other in ${folder}`, value: MS_PER_SECOND / meanMs },
        ...{ figure: rate, unit: "per second", bound: `>= ${LEAST_SYNCS_PER_SECOND} a second` },
        source: "etcd hardware guide; 500 for heavy load",
        verdict: MS_PER_SECOND / meanMs < LEAST_SYNCS_PER_SECOND ? "too slow" : "fine",
        confidence: isForCpu ? "low" : "high",
        nextCommand: MS_PER_SECOND / meanMs < LEAST_SYNCS_PER_SECOND ? "iostat -x 1" : null,
      }),
    ];
  });
}

/** Of this machine: it matters only if a member runs here. */
function pressure({ members, client }: Evidence): Findings {
  const percent = client?.machine?.ioPressurePercent ?? null;
  if (percent === null || !members.some(({ isLocal }) => isLocal)) return [];
  return [
    findingOf("disk", {
      what: "waits for disks on this machine",
      figure: `${formatPercent(percent)} of the time some process waited for one`,
      ...{ value: percent / 100, unit: "share" },
      ...{ bound: `< ${PRESSURE_PERCENT}%`, source: "/proc/pressure/io, bound of bench" },
      // A slow fsync of etcd is such a wait itself.
      verdict: percent < PRESSURE_PERCENT ? "fine" : "suspect",
      ...{ confidence: "low", isSymptom: true },
      nextCommand: percent < PRESSURE_PERCENT ? null : "iostat -x 1",
    }),
  ];
}
