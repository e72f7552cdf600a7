/** Runs fio in etcd's write shape, and reads its report of the syncs. */
import { runProgram } from "../../machine/run-program.ts";
import { carriesPercentile } from "../../stats/latency.ts";
import type { DiskProbe } from "./disk.ts";

const NS_PER_MS = 1e6;
/** For fio to start, to lay out its file and to report. */
const SPARE_MS = 10_000;

export interface FioOptions {
  /** Of its own; fio leaves its file there. */
  folder: string;
  mostMs: number;
  signal: AbortSignal;
}

type FioOutcome = Pick<DiskProbe, "writes" | "sync" | "fault">;

/** Never rejects over fio: `fault` says what it printed. */
export async function runFio(fio: string, options: FioOptions): Promise<FioOutcome> {
  const { folder, mostMs, signal } = options;
  const args = [
    ...["--rw=write", "--ioengine=sync", "--fdatasync=1", `--directory=${folder}`],
    ...["--size=22m", "--bs=2300", "--name=bench-doctor"],
    ...[`--runtime=${Math.max(1, Math.round(mostMs / 1_000))}`, "--output-format=json"],
  ];
  const end = await runProgram(fio, args, { timeoutMs: mostMs + SPARE_MS, signal });
  if (end.code === 0) return readFioReport(end.stdout);
  const words = end.stderr.trim().split("\n")[0] || (end.problem ?? `exit code ${end.code}`);
  return { writes: 0, sync: null, fault: `fio failed: ${words}` };
}

interface FioReport {
  jobs?: {
    sync?: {
      lat_ns?: { N?: number; mean?: number; min?: number; max?: number; percentile?: Percentiles };
    };
  }[];
}

type Percentiles = Record<string, number>;

export function readFioReport(text: string): FioOutcome {
  const syncs = parsed(text)?.jobs?.[0]?.sync?.lat_ns;
  const { N: count = 0, percentile = {} } = syncs ?? {};
  if (syncs === undefined || count === 0) {
    return { writes: 0, sync: null, fault: "fio's report has no times of fdatasync: update fio" };
  }
  const orNull = (ns: number | undefined) => (ns === undefined ? null : ns / NS_PER_MS);
  const of = (percent: number) =>
    carriesPercentile(count, percent) ? orNull(percentile[percent.toFixed(6)]) : null;
  const sync = {
    ...{ count, failed: 0, faults: [], atLeast: null, atMost: null },
    meanMs: orNull(syncs.mean),
    minMs: orNull(syncs.min),
    maxMs: orNull(syncs.max),
    ...{ p50Ms: of(50), p90Ms: of(90), p99Ms: of(99) },
  };
  return { writes: count, sync, fault: null };
}

/** Null: it is no JSON. Warnings of fio may come before the report. */
function parsed(text: string): FioReport | null {
  try {
    return JSON.parse(text.slice(Math.max(0, text.indexOf("{")))) as FioReport;
  } catch {
    return null;
  }
}
