/**
 * Starts agents on other machines and waits until all have joined. What it starts is written down first; on an
 * error, and where the user interrupts it, all of it is ended again.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type JoinFile, writeJoinFile } from "../agents/join-file.ts";
import type { Roster } from "../agents/roster.ts";
import { BenchError, EXIT, flagError, unreachableError, usageError } from "../errors.ts";
import type { EtcdBinary } from "../etcd/etcd-binary/binary.ts";
import { withClusterLock } from "../etcd/named-cluster/cluster-lock.ts";
import { makeStateFolder, removeIfEmpty } from "../etcd/named-cluster/clusters-folder.ts";
import { fromSystemError } from "../system-error.ts";
import { addressForOthers, startCoordinationEtcd } from "./coordination-etcd.ts";
import { endPlacement } from "./down.ts";
import type { PlacedAgent, PlacementEngine, PlacementIdentity, SeenAgent } from "./engine.ts";
import { Placement } from "./placement.ts";
import { joinPathOf, placementFolder, readRecord, writeRecord } from "./record.ts";

const POLL_MS = 200;
/** Between two looks at agents that have not joined. */
const LOOK_MS = 2_000;

export interface UpOptions {
  name: string;
  env: NodeJS.ProcessEnv;
  engine: PlacementEngine;
  plan(identity: PlacementIdentity): unknown;
  /** Of an etcd that runs, for the group of the name; null: one is started, by the engine if it can, else on this machine. */
  coordination: JoinFile | null;
  /** IP address of this machine on which it is started, whatever the engine can; null: none is named. */
  coordinationHost: string | null;
  binary(): Promise<EtcdBinary>;
  /** For all agents to join. */
  withinMs: number;
  /** Of each agent; null: the CPUs that it may use. */
  workers: number | null;
  say(line: string): void;
  signal: AbortSignal;
}

export function newIdentity(name: string): PlacementIdentity {
  return { name, id: randomBytes(6).toString("hex") };
}

type WaitOptions = Pick<UpOptions, "withinMs" | "say" | "signal">;

/** Resolves when all agents have joined. @throws BenchError after all that was started is ended */
export async function placeAgents(options: UpOptions): Promise<Placement> {
  const { name, env } = options;
  const folder = placementFolder(name, env);
  const identity = newIdentity(name);
  const plan = options.plan(identity);
  makeStateFolder(folder, env);
  try {
    return await withClusterLock(folder, () =>
      placeIn(folder, { ...options, id: identity.id, plan }),
    );
  } finally {
    removeIfEmpty(folder);
  }
}

async function placeIn(
  folder: string,
  options: Omit<UpOptions, "plan"> & { id: string; plan: unknown },
): Promise<Placement> {
  const { name, engine, say, id, plan } = options;
  if (readRecord(folder) !== null) {
    throw flagError(
      "group",
      `agents of the group ${name} are up already, or were not ended: see bench agents status ${name}, ` +
        `end them with bench agents down ${name}, or give another --group`,
    );
  }
  const record = {
    ...({ schemaVersion: 1, name, id, engine: engine.name } as const),
    ...{ isBegun: false, isReady: false },
    createdAt: new Date().toISOString(),
    plan,
    hasOwnEtcd: options.coordination === null,
  };
  const placement = await Placement.of(folder, record);
  writeRecord(folder, record);
  try {
    await startAll(placement, options);
    return placement;
  } catch (error) {
    say("agents: ending what was started");
    const failures = await endAfterFault(placement, say);
    for (const failure of failures) say(`agents: ${failure}`);
    if (failures.length > 0) say(`agents: try again to end them with bench agents down ${name}`);
    if (!options.signal.aborted) throw error;
    const left = failures.length > 0 ? "some agents may be left" : "no agents are up";
    throw new BenchError(`interrupted: ${left}`, EXIT.interrupted, { cause: error });
  }
}

/** Why something may be left, a sentence each: the fault that it is ended for is reported after them. */
async function endAfterFault(
  placement: Placement,
  say: UpOptions["say"],
): Promise<readonly string[]> {
  try {
    return await endPlacement(placement, { say, signal: new AbortController().signal });
  } catch (cause) {
    if (cause instanceof BenchError) return [cause.message];
    const told = fromSystemError(cause);
    if (told === null) throw cause;
    return [told.message];
  }
}

async function startAll(placement: Placement, options: Omit<UpOptions, "plan">): Promise<void> {
  const { folder, actions } = placement;
  const { name, coordination, coordinationHost, env, binary, say, signal, workers } = options;
  const group = name;
  const save = (changed: unknown) => placement.change({ plan: changed });
  const context = { folder, group, say, signal, save };
  const hasEngineEtcd =
    coordination === null && coordinationHost === null && actions.coordination !== undefined;
  if (hasEngineEtcd) placement.change({ isBegun: true });
  const join = hasEngineEtcd
    ? await actions.coordination!(placement.record.plan, context)
    : coordination === null
      ? await startCoordinationEtcd({
          ...{ folder, group, host: coordinationHost ?? addressForOthers(), env, binary, say },
        })
      : coordination;
  const joinPath = joinPathOf(folder);
  writeJoinFile(joinPath, join);
  signal.throwIfAborted();
  placement.change({ isBegun: true });
  const { plan } = placement.record;
  await actions.start(plan, { ...context, join, joinPath, workers, hasEngineEtcd });
  if (hasEngineEtcd && actions.isReachable?.(plan) === false) {
    await awaitRunning(placement, options);
  } else {
    const roster = await openRoster(placement, hasEngineEtcd ? options.withinMs : 0, signal);
    try {
      await awaitJoined(placement, roster, options);
    } finally {
      roster.close();
    }
  }
  placement.change({ isReady: true });
}

/** @param withinMs for the user to make the etcd of an engine reachable, as lines of the engine ask for */
async function openRoster(
  placement: Placement,
  withinMs: number,
  signal: AbortSignal,
): Promise<Roster> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await placement.roster();
    } catch (error) {
      if (!(error instanceof BenchError) || performance.now() > untilMs) throw error;
    }
    await delay(LOOK_MS, undefined, { signal });
  }
}

/** Where this machine does not see who has joined. @throws BenchError for an agent that has ended */
async function awaitRunning(placement: Placement, options: WaitOptions): Promise<void> {
  const { withinMs, say, signal } = options;
  const agents = placement.actions.agents(placement.record.plan);
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const seen = await placement.look({ say, signal });
    const running = new Set(seen.flatMap(({ name, state }) => (state === "running" ? name : [])));
    const missing = agents.filter(({ name }) => !running.has(name));
    if (missing.length === 0) return;
    refuseEnded(missing, seen, performance.now() > untilMs);
    await delay(LOOK_MS, undefined, { signal });
  }
}

async function awaitJoined(
  placement: Placement,
  roster: Roster,
  { withinMs, say, signal }: WaitOptions,
): Promise<void> {
  const agents = placement.actions.agents(placement.record.plan);
  const untilMs = performance.now() + withinMs;
  let told = -1;
  let lookMs = performance.now() + LOOK_MS;
  for (;;) {
    signal.throwIfAborted();
    const members = await roster.members();
    const refused = members.find(({ refusal }) => refusal !== null);
    if (refused !== undefined) {
      throw usageError(
        `agent ${refused.name} cannot be used: ${refused.refusal}; install the same bench everywhere`,
      );
    }
    const joined = new Set(members.map(({ name }) => name));
    const missing = agents.filter(({ name }) => !joined.has(name));
    if (missing.length === 0) return;
    const count = agents.length - missing.length;
    if (count !== told) say(`agents: ${count} of ${agents.length} have joined`);
    told = count;
    const isLate = performance.now() > untilMs;
    if (isLate || performance.now() > lookMs) {
      refuseEnded(missing, await placement.look({ say, signal }), isLate);
      lookMs = performance.now() + LOOK_MS;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** @throws BenchError for one that has ended, or where it is too late */
function refuseEnded(
  missing: readonly PlacedAgent[],
  seen: readonly SeenAgent[],
  isLate: boolean,
): void {
  const found = missing
    .map((agent) => ({ ...agent, seen: seen.find(({ name }) => name === agent.name) }))
    .toSorted((one, other) => Number(isEnded(other)) - Number(isEnded(one)))[0]!;
  const { name, where } = found;
  const { state, detail = null, logEnd = "" } = found.seen ?? {};
  const log =
    logEnd === "" ? "its log is empty" : `its log ends: ${logEnd.replaceAll("\n", " | ")}`;
  const more = detail === null ? log : `${detail}; ${log}`;
  if (state === "ended") {
    throw unreachableError(`agent ${name} on ${where} has ended before it joined: ${more}`);
  }
  if (!isLate) return;
  throw flagError(
    "agents-within",
    `agent ${name} on ${where} has not joined in time (${state ?? "unknown"}): ${more}; ` +
      "check that it reaches the coordination etcd, or give --agents-within more time",
  );
}

function isEnded({ seen }: { seen?: { state: string } | undefined }): boolean {
  return seen?.state === "ended";
}
