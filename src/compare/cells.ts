/**
 * Matches the runs of two sides: runs under the same load make a cell, and the runs of a cell make
 * pairs where the two sides took turns.
 */
import { usageError } from "../errors.ts";
import type { RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { DIFFERING } from "./common-names.ts";

export interface RunPair {
  base: RunResult;
  head: RunResult;
}

export interface Cell {
  name: string;
  base: RunResult[];
  head: RunResult[];
  /** In the order of time; empty where the sides did not take turns. */
  pairs: RunPair[];
}

export interface MatchedCells {
  cells: Cell[];
  notes: string[];
}

/** @throws BenchError (usage) where no run of one side has its like on the other */
export function matchCells(
  baseResults: readonly RunResult[],
  headResults: readonly RunResult[],
  names: { base: string; head: string },
): MatchedCells {
  const base = byLoad(shownInFull(withoutControls(baseResults)));
  const head = byLoad(shownInFull(withoutControls(headResults)));
  if (base.size === 1 && head.size === 1) {
    const [[baseKey, ofBase]] = [...base] as [[string, RunResult[]]];
    const [[headKey, ofHead]] = [...head] as [[string, RunResult[]]];
    refuseUnlike(ofBase[0]!, ofHead[0]!, names);
    const differing = baseKey === headKey ? [] : differences(ofBase[0]!, ofHead[0]!);
    const notes = differing.length === 0 ? [] : [`${DIFFERING}${differing.join(", ")}.`];
    return { cells: [cellOf(ofBase, ofHead, cellName(ofBase[0]!))], notes };
  }
  const shared = [...base.keys()].filter((key) => head.has(key));
  if (shared.length === 0) {
    throw usageError(
      `no run in ${names.base} has its like in ${names.head}: compare runs of the same workload, ` +
        "sizes, connections, clients, rate and limits",
    );
  }
  const notes = [
    ...unmatched(base, head, names.base, names.head),
    ...unmatched(head, base, names.head, names.base),
  ];
  const ofLoads = namesOfLoads(shared.map((key) => base.get(key)![0]!));
  const cells = shared.map((key, at) => cellOf(base.get(key)!, head.get(key)!, ofLoads[at]!));
  return { cells, notes };
}

/** What the user changed may be anything, but both sides must have measured something alike. */
function refuseUnlike(base: RunResult, head: RunResult, sides: { base: string; head: string }) {
  const ofBase = base.operations.map(({ name }) => name);
  const ofHead = head.operations.map(({ name }) => name);
  if (ofBase.some((name) => ofHead.includes(name))) return;
  throw usageError(
    `${sides.base} has ${ofBase.join(", ")}, and ${sides.head} has ${ofHead.join(", ")}: ` +
      "compare runs that have an operation in common",
  );
}

/** Those of `bench failover` say what the machine does by itself, and are no trials. */
function withoutControls(results: readonly RunResult[]): RunResult[] {
  const trials = results.filter(({ plan: { labels } }) => {
    return labels.failover === undefined || labels.control === undefined;
  });
  return trials.length === 0 ? [...results] : trials;
}

/** Runs of one load repeat each other; groups of them in the order of their first runs. */
export function loadsOf(results: readonly RunResult[]): { name: string; runs: RunResult[] }[] {
  const loads = [...byLoad(results).values()];
  const names = namesOfLoads(loads.map(([first]) => first!));
  return loads.map((runs, at) => ({ name: names[at]!, runs }));
}

/**
 * Of a run of each load. If several have the same short name, what differs is appended:
 * `put value 256 B conns=100 clients=1000 leaderOnly=true`.
 */
function namesOfLoads(runs: readonly RunResult[]): string[] {
  const names = runs.map(cellName);
  return runs.map((run, at) => {
    const alike = runs.filter((_, other) => names[other] === names[at]);
    if (alike.length === 1) return names[at]!;
    const own = flat(loadOf(run));
    const fields = new Set(alike.flatMap((other) => [...flat(loadOf(other)).keys()]));
    const telling = [...fields].filter((field) =>
      alike.some((other) => flat(loadOf(other)).get(field) !== own.get(field)),
    );
    const words = telling.map((field) => `${wordOf(field)}=${own.get(field) ?? "none"}`);
    return [names[at], ...words].join(" ");
  });
}

/** `keySizeBytes` of `workload.keys.keySizeBytes`, `consistency` of `workload.consistency.0`. */
function wordOf(field: string): string {
  return field.split(".").findLast((part) => !/^\d+$/.test(part))!;
}

/** `put value 256 B conns=10 clients=100`: what tells a load from most others, in a few words. */
function cellName({ plan }: RunResult): string {
  const { workload, load, pacing } = plan;
  const sizes = workload.valSizeBytes !== undefined ? [`value ${workload.valSizeBytes} B`] : [];
  const rate = pacing.ratePerSec === null ? [] : [`${pacing.ratePerSec}/s`];
  return [
    workload.kind,
    ...sizes,
    `conns=${load.connections}`,
    `clients=${load.clients}`,
    ...rate,
  ].join(" ");
}

function byLoad(results: readonly RunResult[]): Map<string, RunResult[]> {
  const groups = new Map<string, RunResult[]>();
  const inTime = results.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  for (const result of inTime) {
    const key = JSON.stringify(loadOf(result));
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return groups;
}

/** What two runs must share: all that the user chose, but for the target and the seed. */
function loadOf({ plan }: RunResult): Record<string, unknown> {
  const { seed, ...load } = plan.load;
  return {
    workload: plan.workload,
    load,
    pacing: plan.pacing,
    limits: plan.limits,
    maintenance: { ...plan.maintenance, events: eventsFromFirst(plan) },
    leaderOnly: plan.target.leaderOnly,
    members: plan.target.local?.members ?? null,
  };
}

/** The trials of `bench failover` have their fault at different phases of the heartbeat. */
function eventsFromFirst({ labels, maintenance: { events } }: RunResult["plan"]) {
  if (labels.failover === undefined) return events;
  const firstMs = Math.min(...events.map(({ atMs }) => atMs));
  return events.map((event) => ({ ...event, atMs: event.atMs - firstMs }));
}

/** `load.transport (wire, grpc-js)`. */
function differences(base: RunResult, head: RunResult): string[] {
  const [ofBase, ofHead] = [flat(loadOf(base)), flat(loadOf(head))];
  const names = new Set([...ofBase.keys(), ...ofHead.keys()]);
  return [...names]
    .filter((name) => ofBase.get(name) !== ofHead.get(name))
    .map((name) => `${name} (${ofBase.get(name) ?? "none"}, ${ofHead.get(name) ?? "none"})`);
}

function flat(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, String(value)]]);
  const inner = Object.entries(value).flatMap(([name, each]) => [
    ...flat(each, path === "" ? name : `${path}.${name}`),
  ]);
  return new Map(inner);
}

function unmatched(
  here: Map<string, RunResult[]>,
  there: Map<string, RunResult[]>,
  name: string,
  other: string,
): string[] {
  const alone = [...here].filter(([key]) => !there.has(key)).map(([, [run]]) => cellName(run!));
  return alone.length === 0 ? [] : [`Only in ${name}, not in ${other}: ${alone.join("; ")}.`];
}

function cellOf(base: RunResult[], head: RunResult[], name: string): Cell {
  return { name, base, head, pairs: pairsOf(base, head) };
}

/** Those of a session by their labels; else the i-th of each side, where both of a pair came before the next. */
function pairsOf(base: readonly RunResult[], head: readonly RunResult[]): RunPair[] {
  if (base.length !== head.length) return [];
  const ofSession = pairsOfSession(base, head);
  if (ofSession !== null) return ofSession;
  const pairs = base.map((each, at) => ({ base: each, head: head[at]! }));
  const inTurns = pairs.slice(1).every((pair, at) => latest(pairs[at]!) < earliest(pair));
  return inTurns ? pairs : [];
}

/** Whatever the clock said, which may be set back meanwhile; null: they are of no session, or of several. */
function pairsOfSession(base: readonly RunResult[], head: readonly RunResult[]): RunPair[] | null {
  const sessions = new Set([...base, ...head].map(({ plan }) => plan.labels.session));
  if (sessions.size !== 1 || sessions.has(undefined)) return null;
  const byPair = new Map(head.map((each) => [each.plan.labels.pair, each]));
  if (byPair.size !== head.length || byPair.has(undefined)) return null;
  const pairs = base.flatMap((each): RunPair[] => {
    const other = byPair.get(each.plan.labels.pair);
    return other === undefined ? [] : [{ base: each, head: other }];
  });
  if (pairs.length !== base.length) return null;
  return pairs.toSorted((a, b) => numberOf(a) - numberOf(b));
}

function numberOf({ base }: RunPair): number {
  return Number(base.plan.labels.pair);
}

function earliest({ base, head }: RunPair): string {
  return base.startedAt < head.startedAt ? base.startedAt : head.startedAt;
}

function latest({ base, head }: RunPair): string {
  return base.startedAt > head.startedAt ? base.startedAt : head.startedAt;
}
