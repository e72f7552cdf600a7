/**
 * Runs the probes that a level asks for. Those of requests go on during the window in which members'
 * metrics are read; the disk is probed after it, since that itself is a load on the disk.
 */
import type { Access } from "../../access/access.ts";
import { ControlClient } from "../../etcd/control-client.ts";
import { PageReader } from "../../etcd/fetch-page.ts";
import { type OpenedAccess, openAccess } from "../../etcd/token-source.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { initHistograms } from "../../stats/histogram.ts";
import type { ProbeLevel } from "../probe-levels.ts";
import { type CanaryProbe, probeCanary } from "./canary.ts";
import { CANARY_KINDS } from "./canary-member.ts";
import { type ClockOffset, type ClockSpread, clockSpread, probeClock } from "./clocks.ts";
import { type DiskProbe, probeDisk } from "./disk.ts";
import type { LoadProbe } from "./load.ts";
import { MemberCalls } from "./member-calls.ts";
import { probeRoundTrips, type RoundTrips } from "./round-trips.ts";
import { DRAIN_MS } from "./window-bound.ts";

export interface Probes {
  level: ProbeLevel;
  /** One for each folder; empty where no folder of a member's data is on this machine. */
  disks: DiskProbe[];
  roundTrips: RoundTrips[];
  clocks: ClockOffset[];
  clockSpread: ClockSpread | null;
  /** Null: the level has none. */
  canary: CanaryProbe | null;
  load: LoadProbe | null;
}

export const NO_PROBES: Probes = {
  level: "none",
  disks: [],
  roundTrips: [],
  clocks: [],
  clockSpread: null,
  canary: null,
  load: null,
};

export interface ProbeOptions {
  level: ProbeLevel;
  /** `isSilent`: it has not answered before, so that nothing waits for it. */
  members: readonly { name: string; endpoint: string; isSilent?: boolean }[];
  target: RunPlan["target"];
  access: Access;
  /** Folders on this machine to probe the disk of. */
  dataDirs: readonly string[];
  /** Of the window. */
  durationMs: number;
  /** UTF-8; keys of probes have it. */
  prefix: string;
  /** Ends the probes early; what they wrote is removed all the same. */
  signal: AbortSignal;
}

/** Slot 0 is that of the round trips. */
const FIRST_CANARY_SLOT = 1;
const SLOTS = FIRST_CANARY_SLOT + CANARY_KINDS.length;
/** Of the window, how much the load gets, so that there is time to prepare it and to clean up. */
const LOAD_SHARE = 0.7;
const OPEN_TIMEOUT_MS = 5_000;

/** During the window: everything but the disk. Never rejects over etcd. */
export async function probeRequests(options: ProbeOptions): Promise<Omit<Probes, "disks">> {
  const { level, members, access, durationMs, signal } = options;
  if (level === "none") return NO_PROBES;
  await initHistograms();
  const untilMs = performance.now() + durationMs;
  // A token is asked for where one is answered.
  const endpoints = members
    .toSorted((one, other) => Number(one.isSilent ?? false) - Number(other.isSilent ?? false))
    .map(({ endpoint }) => endpoint);
  const opened = openAccess(endpoints, access);
  const control = new ControlClient(endpoints, { access: opened });
  const pages = new PageReader(access.tls, true);
  const openMs = Math.min(OPEN_TIMEOUT_MS, durationMs + DRAIN_MS);
  const opening = members.map(({ endpoint }) => openCalls(endpoint, opened, openMs));
  const answering = await Promise.all(
    members.map(({ isSilent }, at) => (isSilent ? { calls: null } : opening[at]!)),
  );
  const scheme = access.tls === null ? "http" : "https";
  const during = { untilMs, signal };
  try {
    const [roundTrips, clocks, canary, load] = await Promise.all([
      Promise.all(
        members.map(async ({ name, endpoint }, at) => {
          const reached = await opening[at]!;
          return await probeRoundTrips({ member: name, endpoint, slot: 0, ...reached, ...during });
        }),
      ),
      Promise.all(
        members.map(({ name, endpoint }) =>
          probeClock({ member: name, url: `${scheme}://${endpoint}`, pages, ...during }),
        ),
      ),
      probeCanary({
        members: members.map(({ name }, at) => ({ name, calls: answering[at]!.calls })),
        control,
        firstSlot: FIRST_CANARY_SLOT,
        prefix: `${options.prefix}canary/`,
        ...during,
      }),
      level === "full" ? loadProbe(options) : null,
    ]);
    return { level, roundTrips, clocks, clockSpread: clockSpread(clocks), canary, load };
  } finally {
    for (const { calls } of await Promise.all(opening)) calls?.close();
    control.close();
    pages.close();
    opened.tokens?.close();
  }
}

/** After the window, one disk after the other. Never rejects over the disks. */
export async function probeDisks({
  level,
  dataDirs,
  signal,
}: Pick<ProbeOptions, "level" | "dataDirs" | "signal">): Promise<DiskProbe[]> {
  if (level === "none") return [];
  await initHistograms();
  const disks: DiskProbe[] = [];
  for (const dataDir of dataDirs) {
    if (signal.aborted) break;
    disks.push(await probeDisk({ dataDir, signal }));
  }
  return disks;
}

interface Reached {
  /** Null: the member cannot be reached, for the reason in `fault`. */
  calls: MemberCalls | null;
  fault: string | null;
}

async function openCalls(
  endpoint: string,
  access: OpenedAccess,
  timeoutMs: number,
): Promise<Reached> {
  try {
    return { calls: await MemberCalls.open(endpoint, SLOTS, access, timeoutMs), fault: null };
  } catch (error) {
    // The transport's sentence, or etcd's refusal of the user.
    return { calls: null, fault: (error as Error).message };
  }
}

async function loadProbe(options: ProbeOptions): Promise<LoadProbe> {
  const { target, access, durationMs, prefix, signal } = options;
  const { probeLoad } = await import("./load.ts");
  return probeLoad({
    ...{ target, access, signal },
    prefix: `${prefix}load/`,
    durationMs: LOAD_SHARE * durationMs,
  });
}
