/**
 * Sends a few small requests to each member in turn, as clients of etcd do. Its keys have a prefix of
 * their own and a lease, so that they go away even if this process is killed.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { type ControlClient, ControlError } from "../../etcd/control-client.ts";
import { gatewayWords } from "../../etcd/set-up-failure.ts";
import { type CanaryKind, CanaryMember } from "./canary-member.ts";
import type { MemberCalls } from "./member-calls.ts";
import type { ProbeLatency } from "./probe-latency.ts";
import { pause } from "./round-trips.ts";
import { boundMs, DRAIN_MS } from "./window-bound.ts";

/** Each member has its turn after this; a turn is four requests. */
const TURN_MS = 100;
/** Timers of a process that gets its CPU are not so late. */
const LATE_MS = 25;
/** Of the event loop, to read an answer and what it brings about. */
const READING_TURNS = 3;
/** Of each member, before requests are counted. */
const WARM_TURNS = 2;
const DRAIN_LOOK_MS = 20;
const TTL_SECONDS = 60;
const CONTROL_TIMEOUT_MS = 5_000;

export interface MemberCanary {
  member: string;
  /** Null: the member could not be reached. */
  latency: Record<CanaryKind, ProbeLatency> | null;
}

export interface CanaryProbe {
  members: MemberCanary[];
  /** Whether the keys and the lease are gone; false: they go within a minute, with their lease. */
  isCleanedUp: boolean;
  /** Why there was none, such as a user that may not write; null: it was made. */
  fault: string | null;
  /** A gateway before etcd refused them. */
  isOfGateway?: boolean;
}

export interface CanaryOptions {
  /** `calls` is null where the member cannot be reached. */
  members: readonly { name: string; calls: MemberCalls | null }[];
  control: ControlClient;
  /** The first of as many slots as there are kinds of requests. */
  firstSlot: number;
  /** UTF-8; keys have it and then a name of this run. */
  prefix: string;
  /** Of performance.now(). */
  untilMs: number;
  signal: AbortSignal;
}

/** Never rejects over etcd. */
export async function probeCanary(options: CanaryOptions): Promise<CanaryProbe> {
  const { control, members, prefix, firstSlot, untilMs, signal } = options;
  const reached = members.flatMap(({ name, calls }) => (calls === null ? [] : [{ name, calls }]));
  const none = members.map(({ name }) => ({ member: name, latency: null }));
  const [first] = reached;
  if (first === undefined) {
    return { members: none, isCleanedUp: true, fault: "no member could be reached" };
  }
  const own = Buffer.from(`${prefix}${randomBytes(6).toString("hex")}/`, "utf8");
  const timeoutMs = boundMs(CONTROL_TIMEOUT_MS, untilMs);
  const began = await begin(control, { endpoint: first.calls.endpoint, timeoutMs }, own);
  if ("fault" in began) return { members: none, ...began };
  const { lease } = began;
  const runs = reached.map(
    ({ name, calls }) => new CanaryMember({ name, calls, firstSlot, prefix: own, lease }),
  );
  await Promise.all(runs.map((run) => run.open()));
  let dueMs = performance.now();
  for (let turn = 0; performance.now() < untilMs && !signal.aborted; turn++) {
    const run = runs[turn % runs.length]!;
    const sentNs = run.write(turn, turn >= WARM_TURNS * runs.length);
    if (sentNs !== null) for (const each of runs) each.expectEvent(turn, sentNs);
    const readMs = await dueAt(dueMs + TURN_MS / 2, signal);
    run.read();
    dueMs = await dueAt(readMs + TURN_MS / 2, signal);
  }
  const drainedMs = performance.now() + DRAIN_MS;
  while (runs.some((run) => run.isWaiting) && performance.now() < drainedMs && !signal.aborted) {
    await delay(DRAIN_LOOK_MS);
  }
  const figures = new Map(runs.map((run) => [run.name, run.result()]));
  return {
    members: members.map(({ name }) => ({ member: name, latency: figures.get(name) ?? null })),
    isCleanedUp: await cleanUp(
      control,
      reached.map(({ calls }) => calls.endpoint),
      lease,
    ),
    fault: null,
  };
}

/**
 * Resolves at that time with it. Where this process comes late itself, because it was stopped or had no
 * CPU, it reads first what has come meanwhile, and what follows is due later: no member is to blame.
 */
async function dueAt(dueMs: number, signal: AbortSignal): Promise<number> {
  await pause(dueMs - performance.now(), signal);
  if (performance.now() - dueMs < LATE_MS) return dueMs;
  for (let turn = 0; turn < READING_TURNS; turn++) await nextTurn();
  return performance.now();
}

/** Grants the lease, and tries whether this user may put and read: if not, that is no fault of etcd's. */
async function begin(
  control: ControlClient,
  at: { endpoint: string; timeoutMs: number },
  key: Buffer,
): Promise<{ lease: string } | Omit<CanaryProbe, "members">> {
  let lease: string | null = null;
  try {
    lease = await control.grantLease(TTL_SECONDS, at);
    await control.put({ key, value: Buffer.alloc(0), lease }, at);
    await control.range({ key, serializable: true }, at);
    return { lease };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const isCleanedUp = lease === null || (await cleanUp(control, [at.endpoint], lease));
    const { gateway } = error;
    const fault = gateway === null ? error.message : gatewayWords(error, gateway);
    return { fault, isCleanedUp, isOfGateway: gateway !== null };
  }
}

/** The keys go with the lease that they are on. All members are asked at once: one that answers is enough. */
async function cleanUp(
  control: ControlClient,
  endpoints: readonly string[],
  lease: string,
): Promise<boolean> {
  const revoked = await Promise.all(
    endpoints.map(async (endpoint) => {
      try {
        await control.revokeLease(lease, { endpoint });
        return true;
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        return error.codeName === "NOT_FOUND";
      }
    }),
  );
  return revoked.includes(true);
}
