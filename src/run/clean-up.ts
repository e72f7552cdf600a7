/**
 * Carries out --cleanup: after the measurement, and in no figure, the keys that the run wrote are deleted,
 * and no other. A key is the run's if one of its requests put that name, or that value where names
 * are not known again, and it was modified since the run began, which each delete checks in its own
 * transaction.
 */
import { type ControlAccess, ControlClient, ControlError } from "../etcd/control-client.ts";
import type { RangeOptions } from "../etcd/control-messages.ts";
import { controlFailure } from "../etcd/set-up-failure.ts";
import type { Loads } from "../load/load.ts";
import type { OperationSpec } from "../load/messages.ts";
import { keyBytes } from "../plan/key-text.ts";
import { ownKeySpace } from "../plan/own-key-space.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { WorkerShare } from "../plan/shares.ts";
import { formatNoun } from "../text/noun.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import { loadsOf } from "../workloads/loads.ts";
import { keySpaceRange } from "../workloads/parts/keys/key-writer.ts";
import type { Preparation } from "../workloads/preparation.ts";
import { KEYS_PER_TXN, KeyCleaner, TXNS_AT_A_TIME } from "./key-cleaner.ts";
import { keySpaceWords, prefixWords } from "./left-keys.ts";

const CALL_MS = 2_000;
/** Distinct keys that are remembered at once; what comes again after so many is looked at twice. */
const REMEMBERED_KEYS = 4_000_000;

/** By operation and phase, how many each worker began; null where that is not known. */
export type Started = ReadonlyMap<number, readonly number[][] | null>;

/** The revision before the run's first write. @throws BenchError where these keys cannot be read. */
export async function readRevision(
  plan: RunPlan,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<number> {
  const client = new ControlClient(endpoints, { access });
  try {
    const { revision } = await client.range({ key: oneKey(plan), countOnly: true });
    return revision;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    throw controlFailure("--cleanup has to read the run's keys first", error);
  } finally {
    client.close();
  }
}

export interface CleanUpOptions {
  plan: RunPlan;
  endpoints: readonly string[];
  access: ControlAccess;
  operations: readonly OperationSpec[];
  shares: readonly WorkerShare[];
  started: Started;
  /** Put before any operation. */
  ownKey: Buffer | null;
  sinceRevision: number;
  /** Failed requests, which etcd may yet carry out. */
  hasFailures: boolean;
  /** etcd was emptied or restored: which keys are older than the run cannot be told. */
  hasRevisionGoneBack: boolean;
  stop: AbortSignal | undefined;
}

export type RunKeysOptions = Pick<
  CleanUpOptions,
  "plan" | "operations" | "shares" | "started" | "ownKey"
>;

export interface CleanedUp {
  /** What a reader should know. */
  notes: string[];
  /** Why keys of the run are left; null where none is known to be, or the user interrupted it. */
  fault: string | null;
}

/**
 * Whether the run may have put a key; null: not known, since a worker broke, or since what a lost
 * agent has begun is in no count.
 */
export async function hasPutKeys(options: RunKeysOptions): Promise<boolean | null> {
  const { plan, operations, started } = options;
  const preparation = await workloadNamed(plan.workload.kind).preparation();
  // A preparation that finds the keys in etcd has put one itself.
  if (preparation.storedKeys !== undefined) return true;
  if (started.size === 0 && options.ownKey === null) return false;
  if (plan.load.agents !== undefined || [...started.values()].includes(null)) return null;
  const keys = runKeys(options, await loadsOf(operations), preparation);
  return keys.next().done !== true;
}

/** Never rejects over etcd. */
export async function cleanUp(options: CleanUpOptions): Promise<CleanedUp> {
  const { plan, endpoints, access, started, stop } = options;
  const where = describeKeys(plan);
  if ([...started.values()].includes(null)) {
    const fault = "--cleanup deleted nothing: a worker broke, and which keys it wrote is not known";
    return { notes: [`${fault}; they are ${where}.`], fault };
  }
  const client = new ControlClient(endpoints, { access, timeoutMs: CALL_MS });
  // An interrupted run is cleaned too; an interrupt from here on ends the cleaning.
  const isStoppedBefore = stop?.aborted ?? false;
  const cleaner = new KeyCleaner(client, options.sinceRevision);
  /** What the keys of a registry hang on. */
  const leases = new Set<string>();
  const preparation = await workloadNamed(plan.workload.kind).preparation();
  const loads = await loadsOf(options.operations);
  const batches = batchesOf(keysToDelete(options, loads, preparation, cleaner, leases));
  const isLeased = preparation.putsLeasedKeys?.(plan.workload) ?? false;
  let failure: string | null = null;
  const lane = async () => {
    try {
      for await (const batch of batches) {
        if (!isStoppedBefore && stop?.aborted) failure ??= "it was interrupted";
        if (failure !== null) return;
        if (isLeased) await cleaner.revokeLeasesOf(batch);
        await cleaner.deleteWritten(batch);
      }
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      failure ??= error.message;
    }
  };
  try {
    await Promise.all(Array.from({ length: TXNS_AT_A_TIME }, lane));
    if (failure === null) await cleaner.revoke(leases);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    failure = error.message;
  } finally {
    client.close();
  }
  const deleted = `${formatNoun(cleaner.deleted, "key")} that this run had written`;
  if (failure !== null) {
    const note = `--cleanup deleted ${deleted}; others are left, because ${failure}: they are ${where}.`;
    const isInterrupted = !isStoppedBefore && (stop?.aborted ?? false);
    return { notes: [note], fault: isInterrupted ? null : `--cleanup failed: ${failure}` };
  }
  const left = `${formatNoun(cleaner.kept, "key")} of the run's names`;
  const kept =
    cleaner.kept === 0
      ? ""
      : ` It left ${left}, last written before revision ${options.sinceRevision}, at which the run began: ${where}.`;
  const doubt = options.hasFailures
    ? ` Requests failed: if etcd carries one out later, its key stays; it is ${where}.`
    : "";
  const notes = [`--cleanup deleted ${deleted}; that is in no figure.${kept}${doubt}`];
  if (!options.hasRevisionGoneBack || cleaner.kept === 0) return { notes, fault: null };
  return { notes, fault: `--cleanup left ${left}, since etcd was emptied or restored meanwhile` };
}

function keysToDelete(
  options: CleanUpOptions,
  loads: Loads,
  preparation: Preparation,
  cleaner: KeyCleaner,
  leases: Set<string>,
): AsyncIterable<Buffer> | Iterable<Buffer> {
  const { operations, sinceRevision } = options;
  const read = (request: RangeOptions) => cleaner.read(request);
  const stored = preparation.storedKeys?.(operations, { sinceRevision, read, leases });
  return stored ?? runKeys(options, loads, preparation);
}

/** Without those that came before, as far as they are remembered. */
function* runKeys(
  { plan, operations, shares, started, ownKey }: RunKeysOptions,
  loads: Loads,
  preparation: Preparation,
): Generator<Buffer> {
  if (ownKey !== null) yield ownKey;
  const { workload } = plan;
  const hasMore = preparation.exceedsKeySpace?.(workload) ?? false;
  const keySpaceSize = hasMore ? undefined : ownKeySpace(workload)?.keySpaceSize;
  const most = keySpaceSize ?? Number.POSITIVE_INFINITY;
  const seen = new Set<string>();
  for (const [operation, phases] of started) {
    const spec = operations[operation]!;
    for (const [worker, share] of shares.entries()) {
      const begun = phases!.map((counts) => counts[worker] ?? 0);
      const written = loads.of(spec).writtenKeys?.(spec, share, plan.load.seed, begun);
      for (const key of written ?? []) {
        const name = key.toString("latin1");
        if (seen.has(name)) continue;
        if (seen.size >= REMEMBERED_KEYS) seen.clear();
        seen.add(name);
        yield key;
        if (seen.size >= most) return;
      }
    }
  }
}

async function* batchesOf(
  keys: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer[]> {
  let batch: Buffer[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length < KEYS_PER_TXN) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Where a user finds what is left. */
function describeKeys({ workload }: RunPlan): string {
  const keys = ownKeySpace(workload);
  if (keys !== null) return keySpaceWords(keys);
  if ("prefix" in workload && typeof workload.prefix === "string") {
    return prefixWords(workload.prefix);
  }
  return "the one that the notes name";
}

/** A key of the run's, which its user may read where the run itself reads. */
export function oneKey({ workload }: RunPlan): Buffer {
  const keys = ownKeySpace(workload);
  if (keys !== null) return keySpaceRange({ ...keys, encoding: "fixed" }).key;
  const prefix = "prefix" in workload && typeof workload.prefix === "string" ? workload.prefix : "";
  return Buffer.concat([keyBytes(prefix), Buffer.from([0])]);
}
