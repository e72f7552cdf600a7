/** Gathers the evidence of a cluster that runs: the members' pages over a window, probes, and this machine. */
import { statSync } from "node:fs";
import type { Access } from "../access/access.ts";
import { BenchError } from "../errors.ts";
import { PageReader } from "../etcd/fetch-page.ts";
import { labelOf } from "../etcd/metrics.ts";
import { openAccess } from "../etcd/token-source.ts";
import { MachineWatch } from "../machine/machine-watch.ts";
import type { RunPlan } from "../plan/schema.ts";
import { isSystemError } from "../system-error.ts";
import type { Evidence, MemberEvidence } from "./evidence.ts";
import { type FoundMember, findMembers } from "./find-members.ts";
import { findProcess, ProcessWatch, settingsOf } from "./local-process.ts";
import { PageSeries } from "./page-series.ts";
import type { ProbeLevel } from "./probe-levels.ts";
import { probeDisks, probeRequests } from "./probes/probes.ts";
import { pause } from "./probes/round-trips.ts";

export interface GatherOptions {
  target: RunPlan["target"];
  access: Access;
  durationMs: number;
  level: ProbeLevel;
  /** Folders to probe the disk of; null: those of the members on this machine. */
  dataDirs: readonly string[] | null;
  /** UTF-8; keys of probes have it. */
  prefix: string;
  /** Where members listen themselves, by the endpoint that clients use: a proxy may be in between. */
  listenEndpoints: ReadonlyMap<string, string>;
  /** The cluster was started by this process, whose descendants its members are. */
  isStartedHere: boolean;
  /** Ends the window early: what is known by then is judged. */
  signal: AbortSignal;
  onProgress(progress: GatherProgress): void;
}

export interface GatherProgress {
  phase: "finding members" | "reading metrics" | "probing disks";
  /** Of the window. */
  elapsedSeconds: number;
  fraction: number;
  members: number;
  answering: number;
}

const EVERY_MS = 1_000;

interface Watched {
  found: FoundMember;
  series: PageSeries;
  pid: number | null;
  process: ProcessWatch | null;
}

/** @throws BenchError where no endpoint answers as etcd */
export async function gatherEvidence(options: GatherOptions): Promise<Evidence> {
  const { target, access, isStartedHere, signal, onProgress } = options;
  const during = { elapsedSeconds: 0, fraction: 0, members: 0, answering: 0 };
  onProgress({ phase: "finding members", ...during });
  const opened = openAccess(target.endpoints, access);
  const pages = new PageReader(access.tls, true);
  const scheme = access.tls === null ? "http" : "https";
  try {
    const found = await findMembers(target.endpoints, opened);
    const watched = await begin(found, pages, scheme, options);
    const machine = new MachineWatch();
    const own = new ProcessWatch(process.pid);
    machine.begin();
    const startMs = performance.now();
    const probed = probeRequests(probeOptions(found, options));
    await readUntilEnd(watched, options);
    const probes = await probed;
    machine.end();
    const windowSeconds = (performance.now() - startMs) / 1_000;
    const statuses = await lastStatuses(watched, options);
    const members = watched.map((each, at) => evidenceOf(each, statuses[at]!, scheme));
    const client = {
      process: own.result(),
      machine: machine.result(isStartedHere ? 0 : cpuSecondsOf(members)),
    };
    if (!signal.aborted)
      onProgress({ phase: "probing disks", ...during, fraction: 1, members: members.length });
    const disks = await probeDisks({ ...options, dataDirs: dataDirsOf(members, options) });
    return { windowSeconds, members, client, probes: { ...probes, disks } };
  } finally {
    pages.close();
    opened.tokens?.close();
  }
}

async function begin(
  found: readonly FoundMember[],
  pages: PageReader,
  scheme: string,
  { target, listenEndpoints }: GatherOptions,
): Promise<Watched[]> {
  const named =
    target.metricsEndpoints === null ? null : await namedPages(target.metricsEndpoints, pages);
  return await Promise.all(
    found.map(async (member) => {
      const own = member.endpoint === null ? [] : [`${scheme}://${member.endpoint}`];
      const urls = named === null ? own : (named.byId.get(member.id ?? "") ?? named.unread);
      const series = new PageSeries({ id: member.id, urls, pages });
      await series.begin();
      const { first } = series;
      const { endpoint } = member;
      const listening = endpoint === null ? null : (listenEndpoints.get(endpoint) ?? endpoint);
      const pid = first === null || listening === null ? null : findProcess(first, listening);
      return { found: member, series, pid, process: pid === null ? null : new ProcessWatch(pid) };
    }),
  );
}

/** URLs of `--metrics-endpoints`: by the id of the member whose page each has, and those without one. */
async function namedPages(
  urls: readonly string[],
  pages: PageReader,
): Promise<{ byId: ReadonlyMap<string, string[]>; unread: readonly string[] }> {
  const byId = new Map<string, string[]>();
  const unread: string[] = [];
  await Promise.all(
    urls.map(async (url) => {
      // Whoever reads it again finds out why there is none.
      const page = await pages.read(`${url}/metrics`, { timeoutMs: 3_000 }).catch(() => "");
      const id = labelOf(page, "etcd_server_id", "server_id");
      if (id === null) unread.push(url);
      else byId.set(id, [...(byId.get(id) ?? []), url]);
    }),
  );
  return { byId, unread };
}

async function readUntilEnd(
  watched: readonly Watched[],
  { durationMs, signal, onProgress }: GatherOptions,
): Promise<void> {
  const startMs = performance.now();
  const answering = watched.filter(({ series }) => series.first !== null).length;
  for (let at = 1; !signal.aborted; at++) {
    const elapsedMs = performance.now() - startMs;
    onProgress({
      phase: "reading metrics",
      elapsedSeconds: elapsedMs / 1_000,
      fraction: elapsedMs / durationMs,
      members: watched.length,
      answering,
    });
    const leftMs = durationMs - elapsedMs;
    if (leftMs <= 0) break;
    const nextMs = Math.min(leftMs, startMs + at * EVERY_MS - performance.now());
    // Aborted: the window ends here.
    await pause(nextMs, signal);
    if (performance.now() - startMs < durationMs && !signal.aborted) {
      await Promise.all(watched.map(({ series }) => sampleOf(series)));
    }
  }
  await Promise.all(watched.map(({ series }) => series.sample()));
}

/** Resolves at once for a member that has not answered yet, so that the others are not kept waiting. */
async function sampleOf(series: PageSeries): Promise<void> {
  const sample = series.sample();
  if (series.first !== null) await sample;
}

function probeOptions(found: readonly FoundMember[], options: GatherOptions) {
  const members = found.flatMap(({ name, endpoint }) =>
    endpoint === null ? [] : [{ name, endpoint }],
  );
  return { ...options, members, dataDirs: [] };
}

/** Asked again at the end; the first answers are those of the beginning. */
async function lastStatuses(
  watched: readonly Watched[],
  { target, access, signal }: GatherOptions,
): Promise<MemberEvidence["status"][]> {
  if (signal.aborted) return watched.map(({ found }) => found.status);
  const opened = openAccess(target.endpoints, access);
  try {
    const again = await findMembers(target.endpoints, opened).catch((error: unknown) => {
      // None answers any more.
      if (error instanceof BenchError) return [];
      throw error;
    });
    return watched.map(
      ({ found }) =>
        again.find(({ id, endpoint }) => sameMember(found, id, endpoint))?.status ?? null,
    );
  } finally {
    opened.tokens?.close();
  }
}

function sameMember(found: FoundMember, id: string | null, endpoint: string | null): boolean {
  return found.id === null ? found.endpoint === endpoint : found.id === id;
}

function evidenceOf(
  { found, series, pid, process }: Watched,
  status: MemberEvidence["status"],
  scheme: string,
): MemberEvidence {
  const seen = series.result();
  const { name, endpoint, id } = found;
  return {
    ...{ name, endpoint, id, url: endpoint && `${scheme}://${endpoint}` },
    ...seen,
    fault: (seen.first === null ? found.fault : null) ?? seen.fault,
    status,
    settings: pid === null ? null : settingsOf(pid),
    isLocal: pid !== null,
    process: process?.result() ?? null,
  };
}

/** Of members on this machine. */
function cpuSecondsOf(members: readonly MemberEvidence[]): number {
  return members.reduce((sum, { process: used }) => sum + (used?.cpuSeconds ?? 0), 0);
}

/** Of members on this machine, a folder of each disk. */
function dataDirsOf(
  members: readonly MemberEvidence[],
  { dataDirs }: GatherOptions,
): readonly string[] {
  if (dataDirs !== null) return dataDirs;
  const found = members.flatMap(({ settings }) => settings?.walDir ?? settings?.dataDir ?? []);
  const byDisk = new Map(found.map((folder) => [diskOf(folder), folder]));
  return [...byDisk.values()];
}

/** The folder itself where it cannot be looked at: the probe then says why. */
function diskOf(folder: string): number | string {
  try {
    return statSync(folder).dev;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return folder;
  }
}
