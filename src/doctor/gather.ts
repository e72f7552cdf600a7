/** Gathers the evidence of a cluster that runs: the members' pages over a window, probes, and this machine. */

import { statSync } from "node:fs";
import type { Access } from "../access/access.ts";
import { BenchError } from "../errors.ts";
import { PageReader } from "../etcd/fetch-page.ts";
import { openAccess } from "../etcd/token-source.ts";
import { PauseWatch } from "../load/pause-watch.ts";
import { MachineWatch } from "../machine/machine-watch.ts";
import { ownAddresses } from "../net/own-addresses.ts";
import type { RunPlan } from "../plan/schema.ts";
import { MemberPlaces } from "../run/member-places.ts";
import { isSystemError } from "../system-error.ts";
import { type ClusterWatch, watchCluster } from "./cluster-watch.ts";
import type { ClientEvidence, Evidence, MemberEvidence } from "./evidence.ts";
import { type FoundMember, findMembers } from "./find-members.ts";
import { type GatherProgress, GatherProgressReport } from "./gather-progress.ts";
import { findProcess, ProcessWatch, settingsOf } from "./local-process.ts";
import { cpuSecondsHere } from "./members-here.ts";
import { type NamedPages, namedPages } from "./named-pages.ts";
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

const EVERY_MS = 1_000;
/** For the first page of a member that did not answer: a URL of its own may have it. */
const SILENT_PAGE_MS = 1_000;

interface Watched {
  found: FoundMember;
  series: PageSeries;
  pid: number | null;
  process: ProcessWatch | null;
}

/** @throws BenchError where no endpoint answers as etcd */
export async function gatherEvidence(options: GatherOptions): Promise<Evidence> {
  const { target, access, isStartedHere, signal, onProgress } = options;
  const progress = new GatherProgressReport(onProgress);
  const opened = openAccess(target.endpoints, access);
  const pages = new PageReader(access.tls, true);
  const pauses = new OwnPauses();
  const scheme = access.tls === null ? "http" : "https";
  let cluster: ClusterWatch | null = null;
  try {
    const urls = target.metricsEndpoints;
    const [found, named] = await Promise.all([
      findMembers(target.endpoints, opened),
      urls === null ? null : namedPages(urls, pages),
    ]);
    const watched = await begin(found, { pages, named, scheme }, options);
    const answering = watched.filter(({ series }) => series.first !== null).length;
    progress.begin("reading metrics", { members: watched.length, answering });
    cluster = await watchCluster(found, opened, options.prefix);
    const machine = new MachineWatch();
    const own = new ProcessWatch(process.pid);
    pauses.begin();
    machine.begin();
    const startMs = performance.now();
    const placesFound = MemberPlaces.of(found.flatMap(({ endpoint }) => endpoint ?? []));
    const probed = probeRequests(probeOptions(found, options));
    await readUntilEnd(watched, options);
    progress.begin("waiting for the last answers");
    // At once: each waits for members that do not answer any more.
    const [probes, statuses, changes, places] = await Promise.all([
      probed,
      lastStatuses(watched, options),
      cluster.stop(startMs),
      placesFound,
      Promise.all(watched.map(({ series }) => sampleOf(series))),
    ]);
    machine.end();
    const windowSeconds = (performance.now() - startMs) / 1_000;
    const members = watched.map((each, at) => evidenceOf(each, statuses[at]!, scheme));
    const here = { places, addresses: ownAddresses() };
    const client = {
      process: own.result(),
      pauses: pauses.end(),
      machine: machine.result(isStartedHere ? 0 : cpuSecondsHere(members, here)),
    };
    const dataDirs = dataDirsOf(members, options);
    if (!signal.aborted && dataDirs.length > 0) progress.begin("probing disks");
    const disks = await probeDisks({ ...options, dataDirs });
    return { windowSeconds, members, changes, client, probes: { ...probes, disks } };
  } finally {
    cluster?.close();
    progress.close();
    pauses.end();
    pages.close();
    opened.tokens?.close();
  }
}

/** Of this process, over the window. */
class OwnPauses {
  readonly #seen = { count: 0, totalSeconds: 0, longestSeconds: 0 };
  readonly #watch = new PauseWatch({
    onPause: ({ durationNs }) => {
      const seconds = durationNs / 1e9;
      this.#seen.count += 1;
      this.#seen.totalSeconds += seconds;
      this.#seen.longestSeconds = Math.max(this.#seen.longestSeconds, seconds);
    },
  });
  #isOn = false;

  begin(): void {
    this.#isOn = true;
    this.#watch.start();
  }

  end(): ClientEvidence["pauses"] {
    if (this.#isOn) this.#watch.stop();
    this.#isOn = false;
    return this.#seen;
  }
}

interface Pages {
  pages: PageReader;
  /** Null: no URLs of metrics were named. */
  named: NamedPages | null;
  scheme: string;
}

async function begin(
  found: readonly FoundMember[],
  { pages, named, scheme }: Pages,
  { listenEndpoints, signal }: GatherOptions,
): Promise<Watched[]> {
  return await Promise.all(
    found.map(async (member) => {
      const own = member.endpoint === null ? [] : [`${scheme}://${member.endpoint}`];
      const urls = named === null ? own : (named.byId.get(member.id ?? "") ?? named.unread);
      const series = new PageSeries({ id: member.id, urls, pages });
      const begun = series.sample();
      const patience = member.fault === null ? [] : [pause(SILENT_PAGE_MS, signal)];
      await Promise.race([begun, ...patience]);
      const { first } = series;
      const { endpoint } = member;
      const listening = endpoint === null ? null : (listenEndpoints.get(endpoint) ?? endpoint);
      const pid = first === null || listening === null ? null : findProcess(first, listening);
      return { found: member, series, pid, process: pid === null ? null : new ProcessWatch(pid) };
    }),
  );
}

async function readUntilEnd(
  watched: readonly Watched[],
  { durationMs, signal }: GatherOptions,
): Promise<void> {
  const startMs = performance.now();
  for (let at = 1; !signal.aborted; at++) {
    const leftMs = durationMs - (performance.now() - startMs);
    if (leftMs <= 0) break;
    const nextMs = Math.min(leftMs, startMs + at * EVERY_MS - performance.now());
    // Aborted: the window ends here.
    await pause(nextMs, signal);
    if (performance.now() - startMs < durationMs && !signal.aborted) {
      await Promise.all(watched.map(({ series }) => sampleOf(series)));
    }
  }
}

/** Resolves at once for a member that has not answered yet, so that the others are not kept waiting. */
async function sampleOf(series: PageSeries): Promise<void> {
  const sample = series.sample();
  if (series.first !== null) await sample;
}

function probeOptions(found: readonly FoundMember[], options: GatherOptions) {
  const members = found.flatMap(({ name, endpoint, fault }) =>
    endpoint === null ? [] : [{ name, endpoint, isSilent: fault !== null }],
  );
  return { ...options, members, dataDirs: [] };
}

/** Asked again at the end; the first answers are those of the beginning. Those that never answered are found by others. */
async function lastStatuses(
  watched: readonly Watched[],
  { target, access, signal }: GatherOptions,
): Promise<MemberEvidence["status"][]> {
  if (signal.aborted) return watched.map(({ found }) => found.status);
  const silent = watched.flatMap(({ found, series }) =>
    found.fault !== null && series.first === null ? [found.endpoint] : [],
  );
  const endpoints = target.endpoints.filter((each) => !silent.includes(each));
  const opened = openAccess(endpoints, access);
  try {
    const again = await findMembers(endpoints, opened).catch((error: unknown) => {
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
