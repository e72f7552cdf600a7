/**
 * Owns what must be known and done on the server before any load: which cluster this is, the key
 * that a range reads, and the plan's operations with everything looked up.
 */

import { type ControlAccess, ControlClient, ControlError } from "../etcd/control-client.ts";
import { inspectTarget, type TargetInfo } from "../etcd/inspect.ts";
import type { LocalMembers } from "../events/definition.ts";
import type { OperationSpec } from "../load/messages.ts";
import { leaseGrantSeries } from "../load/workload/lease-grant.ts";
import { runValue } from "../load/workload/put-message.ts";
import { type KeyRange, keyRangeOf } from "../plan/key-range.ts";
import type { RangeWorkload, RunPlan } from "../plan/schema.ts";
import type { Fairness } from "../result/schema.ts";
import { formatNoun } from "../text/noun.ts";
import { readRevision } from "./clean-up.ts";
import { checkEvents } from "./events.ts";
import { plannedSeries } from "./planned-series.ts";
import { prepareContention } from "./prepare/contention.ts";
import { keySpaceOperations, rangeSeries, seededRangeOperations } from "./prepare/key-space.ts";
import { prepareKubernetes } from "./prepare/kubernetes.ts";
import { prepareKeepalive } from "./prepare/lease-keepalive.ts";
import { longerLeaseNotesByTrial } from "./prepare/longer-lease.ts";
import {
  checkHashPermission,
  checkPermissions,
  isDenied,
  permissionError,
} from "./prepare/permissions.ts";
import { checkQuota } from "./prepare/quota.ts";
import { checkRangeStream } from "./prepare/range-stream.ts";
import { prepareStaleness } from "./prepare/staleness.ts";
import { prepareStm } from "./prepare/stm.ts";
import { watchOperations } from "./prepare/watch.ts";
import { prepareWatchGet } from "./prepare/watch-get.ts";
import { controlFailure, takeBack } from "./set-up-failure.ts";
import { checkThresholdSeries } from "./threshold-series.ts";

const PROXIED_KEEPALIVES =
  "etcd's grpc-proxy keeps each lease alive by itself, once in a third of its time to live, and answers " +
  "a client's keep-alives together then: what lease-keepalive measures is the proxy's rhythm; name a " +
  "member's own endpoint to measure etcd.";

export interface Prepared {
  /** How to get in, from now on too; absent: without TLS and without a user. */
  access?: ControlAccess;
  target: TargetInfo;
  /** The processes of a cluster that bench started; absent or null: it started none. */
  cluster?: LocalMembers | null;
  operations: OperationSpec[];
  notes: string[];
  /** Of the first operation's clients, where they contend: to be asked when the run is over. */
  fairness?: () => Fairness;
  /** Before the run's first write; null or absent: nothing is to be cleaned. */
  sinceRevision?: number | null;
  /** Put before any operation. */
  ownKey?: Buffer | null;
  /** Takes back what was prepared, as far as etcd lets it; resolves to notes. Never rejects over etcd. */
  cleanUp?: () => Promise<string[]>;
}

/** Of each look at an endpoint; a longer --dial-timeout lengthens it. */
const PROBE_MS = 5_000;
/** The key that `bench range` without a key puts and reads, cut or repeated to its size. */
const OWN_KEY_TEXT = "bench-range-key.";

export async function prepare(
  plan: RunPlan,
  access: ControlAccess,
  cluster: LocalMembers | null = null,
): Promise<Prepared> {
  const target = await inspectTarget({
    endpoints: plan.target.endpoints,
    leaderOnly: plan.target.leaderOnly,
    needsLeader: needsLeader(plan),
    timeoutMs: Math.max(PROBE_MS, plan.load.dialTimeoutMs ?? 0),
    access,
  });
  checkThresholdSeries(plan, plannedSeries(plan, target));
  checkEvents(plan, target, cluster);
  const sinceRevision = plan.cleanup ? await readRevision(plan, target.endpoints, access) : null;
  const notes = [...target.notes, ...(await checkQuota(plan, target, access))];
  if (access.tokens !== null && (await access.tokens.token()) === null) {
    notes.push("--user has no effect: etcd has no authentication, and lets everybody in.");
  }
  await checkPermissions(plan, target.endpoints, access);
  await checkHashPermission(plan, target.endpoints, access);
  // Last of all, since it writes: what is refused has left nothing behind.
  const prepared = await prepareWorkload(plan, target, notes, access);
  return { ...prepared, access, cluster, sinceRevision };
}

/** Puts, grants and looks up what the workload needs on a target that is known. */
export async function prepareWorkload(
  plan: RunPlan,
  target: TargetInfo,
  notes: string[],
  access: ControlAccess,
): Promise<Prepared> {
  const { workload } = plan;
  if (workload.kind === "stm") {
    const { clients } = plan.load;
    const prepared = await prepareStm(workload, clients, target.endpoints, access);
    return { target, notes, ...prepared };
  }
  if (workload.kind === "lock" || workload.kind === "election") {
    const { endpoints } = target;
    const prepared = await prepareContention(workload, plan.load, endpoints, access, notes);
    return { target, notes, ...prepared };
  }
  if (workload.kind === "lease-grant") {
    const series = leaseGrantSeries(workload);
    notes.push(...(await longerLeaseNotesByTrial(workload.ttlSeconds, target.endpoints, access)));
    return { target, notes, operations: [{ series, kind: "lease-grant", leaseGrant: workload }] };
  }
  if (workload.kind === "lease-keepalive") {
    const leases = await prepareKeepalive(workload, plan.load.clients, target.endpoints, access);
    if (target.isGrpcProxy) notes.push(PROXIED_KEEPALIVES);
    return { target, notes, ...leases };
  }
  if (workload.kind === "kubernetes") {
    const operations = await prepareKubernetes(workload, plan, target.endpoints, access, notes);
    return { target, notes, operations };
  }
  if (workload.kind === "put") {
    return { target, notes, operations: [{ series: ["put"], kind: "put", put: workload }] };
  }
  if (workload.kind === "watch" || workload.kind === "watch-latency") {
    return { target, notes, operations: watchOperations(workload, plan.load, notes) };
  }
  if (workload.kind === "watch-get") {
    const { endpoints } = target;
    const prepared = await prepareWatchGet(workload, plan, endpoints, access, notes);
    return { target, notes, ...prepared };
  }
  if (workload.kind === "staleness") {
    return { target, notes, operations: prepareStaleness(workload, plan, target, notes) };
  }
  if (workload.kind !== "range") {
    const operations = await keySpaceOperations(workload, target.endpoints, access, notes);
    return { target, notes, operations };
  }
  const { limit, content, sort, fetch } = workload;
  if (fetch === "stream") await checkRangeStream(target.endpoints, access);
  if (workload.keySpace !== null) {
    return { target, notes, operations: seededRangeOperations(workload, workload.keySpace) };
  }
  const keys = await prepareKeys(workload, plan, target.endpoints, access, notes);
  const operations = workload.consistency.map((consistency): OperationSpec => {
    const range = { ...keys, consistency, limit, content, sort, fetch };
    return { series: rangeSeries(workload, consistency), kind: "range", range };
  });
  const ownKey = workload.key === null ? keys.key : null;
  return { target, notes, operations, ownKey };
}

function needsLeader({ workload }: RunPlan): boolean {
  if (workload.kind !== "range") return true;
  const puts = workload.key === null || workload.keySpace !== null;
  return puts || workload.consistency.includes("linearizable");
}

/** Puts the run's own key, or looks whether the named ones are there. */
async function prepareKeys(
  workload: RangeWorkload,
  plan: RunPlan,
  endpoints: readonly string[],
  access: ControlAccess,
  notes: string[],
): Promise<KeyRange> {
  const client = new ControlClient(endpoints, { access });
  let put: Buffer | null = null;
  try {
    if (workload.key !== null) {
      const { key, end } = keyRangeOf({ ...workload, key: workload.key });
      const { count } = await client.range({
        key,
        ...(end === null ? {} : { rangeEnd: end }),
        serializable: !needsLeaderFor(workload),
        countOnly: true,
      });
      if (count === 0) {
        const what = end === null ? "The key does not exist" : "No key lies in the range";
        notes.push(`${what}: this measures empty answers.`);
      } else if (end !== null) {
        notes.push(`The range holds ${formatNoun(count, "key")}.`);
      }
      return { key, end };
    }
    const key = Buffer.alloc(workload.keySizeBytes, OWN_KEY_TEXT);
    const { valSizeBytes } = workload;
    const value = runValue({ valSizeBytes, valueSize: null }, plan.load.seed);
    await client.put({ key, value });
    put = key;
    // A linearizable read through each member returns when that member has the key; serializable
    // reads of it see the key from then on.
    for (const endpoint of endpoints) await client.range({ key }, { endpoint });
    notes.push(`Reads the key "${key.toString("latin1")}", which this run has put.`);
    return { key, end: null };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    if (plan.cleanup && put !== null) await takeBack(client, put);
    if (isDenied(error)) {
      const what = error.method === "Put" ? "writing the key to read" : "reading these keys";
      throw permissionError(plan.target.user, what, error);
    }
    throw controlFailure("the key to read could not be made ready", error);
  } finally {
    client.close();
  }
}

function needsLeaderFor(workload: RangeWorkload): boolean {
  return workload.consistency.includes("linearizable");
}
