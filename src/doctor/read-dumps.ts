/** Makes evidence of saved metrics pages: two files of a member, or one, of which less can be said. */
import { usageError } from "../errors.ts";
import { type MetricsPage, parseMetricsPage } from "../etcd/metrics-page.ts";
import type { Evidence, GaugeSeen, MemberEvidence } from "./evidence.ts";
import { NO_PROBES } from "./probes/probes.ts";

export interface MetricsDump {
  file: string;
  text: string;
  /** When the file was written. */
  writtenAtMs: number;
}

interface Dump extends MetricsDump {
  page: MetricsPage;
  id: string;
}

/** Gauges that hold at the time of a page. */
const GAUGES = ["etcd_server_has_leader"];

/**
 * The pages say whose they are, and which of two is the earlier one.
 * @param seconds between two pages of a member; null: between the times of their files
 * @throws BenchError (usage) that names a file that is of no use
 */
export function evidenceOfDumps(dumps: readonly MetricsDump[], seconds: number | null): Evidence {
  const byId = new Map<string, Dump[]>();
  for (const dump of dumps.map(read)) byId.set(dump.id, [...(byId.get(dump.id) ?? []), dump]);
  const members = [...byId.values()].map((own) => memberOf(own, seconds));
  const windows = members.flatMap((member) => member.seconds ?? []);
  return {
    windowSeconds: windows.length === 0 ? null : Math.max(...windows),
    members,
    changes: [],
    client: null,
    probes: NO_PROBES,
  };
}

function read(dump: MetricsDump): Dump {
  const page = parseMetricsPage(dump.text);
  const id = page.label("etcd_server_id", "server_id");
  if (id !== null) return { ...dump, page, id };
  throw usageError(
    `${dump.file} is no metrics page of an etcd member: save one with curl http://MEMBER:2379/metrics`,
  );
}

function memberOf(own: readonly Dump[], seconds: number | null): MemberEvidence {
  if (own.length > 2) {
    const files = own.map(({ file }) => file).join(", ");
    throw usageError(`${files} are of one member, ${own[0]!.id}: give two of them, or one`);
  }
  const [first, second = null] = own.toSorted(byTime);
  const between = second === null ? null : (seconds ?? secondsBetween(first!, second));
  return {
    ...{ name: first!.id, endpoint: null, url: null, id: first!.id },
    ...{ first: first!.page, last: second?.page ?? null, seconds: between, fault: null },
    gauges: gaugesOf(own),
    ...{ status: null, settings: null, isLocal: false, process: null },
  };
}

/** A later process of the member has the later page; of one process what has used more CPU time. */
function byTime({ page: one }: Dump, { page: other }: Dump): number {
  const of = (page: MetricsPage, name: string) => page.value(name) ?? 0;
  return (
    of(one, "process_start_time_seconds") - of(other, "process_start_time_seconds") ||
    of(one, "process_cpu_seconds_total") - of(other, "process_cpu_seconds_total")
  );
}

function secondsBetween(first: Dump, second: Dump): number {
  const seconds = (second.writtenAtMs - first.writtenAtMs) / 1_000;
  // Copies may all have one time.
  if (seconds >= 1) return seconds;
  throw usageError(
    `the times of ${first.file} and ${second.file} do not tell the time between them: give it, e.g. --duration=30s`,
  );
}

function gaugesOf(own: readonly Dump[]): MemberEvidence["gauges"] {
  return new Map(
    GAUGES.flatMap((name): [string, GaugeSeen][] => {
      const values = own.flatMap(({ page }) => page.value(name) ?? []);
      if (values.length === 0) return [];
      const sum = values.reduce((total, value) => total + value, 0);
      const [least, most] = [Math.min(...values), Math.max(...values)];
      const last = values.at(-1)!;
      return [[name, { readings: values.length, least, most, mean: sum / values.length, last }]];
    }),
  );
}
