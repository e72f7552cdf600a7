/**
 * Carries out --check-hashkv: after the run all members are asked for the hash of their keys at one
 * revision, and must agree. Any answer of etcd is a finding and never ends the run.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ControlClient, ControlError } from "../etcd/control-client.ts";
import type { TargetMember } from "../etcd/inspect.ts";
import type { HashKv } from "../result/schema.ts";
import type { Prepared } from "./prepare.ts";

/** A member reads its whole backend for the hash; one that is frozen never answers. */
const HASH_TIMEOUT_MS = 60_000;
/** A member on a busy machine takes seconds; one that is paused must not hold this up for long. */
const REVISION_TIMEOUT_MS = 5_000;
/**
 * For what passes by itself: a follower lags, a compaction has not come to every member, or a
 * leader is being elected. A dead member must not keep the run from its end for long.
 */
const PATIENCE_MS = 5_000;
const RETRY_MS = 200;

export type HashClient = Pick<ControlClient, "revision" | "hashKv">;

export interface HashCheckOptions {
  client: HashClient;
  /** Where the newest revision is asked for: the first of these that answers. */
  endpoints: readonly string[];
  members: readonly Pick<TargetMember, "name" | "endpoint" | "isLearner">[];
  /** Aborting it ends the patience. */
  stop?: AbortSignal;
  patienceMs?: number;
  retryMs?: number;
}

interface MemberAnswer {
  member: HashKv["members"][number];
  /** Why there is no hash: asking again may help, or helps only with a newer revision. */
  failure: "passing" | "compacted" | "final" | null;
}

/** Over connections of its own. Never rejects over etcd. */
export async function checkMembers(
  { target, access }: Pick<Prepared, "target" | "access">,
  stop: AbortSignal | undefined,
): Promise<HashKv> {
  const { endpoints, members } = target;
  const client = new ControlClient(endpoints, { access });
  const onStop = () => client.close();
  stop?.addEventListener("abort", onStop, { once: true });
  try {
    return await checkHashKv({ client, endpoints, members, stop });
  } finally {
    stop?.removeEventListener("abort", onStop);
    client.close();
  }
}

export async function checkHashKv(options: HashCheckOptions): Promise<HashKv> {
  const { endpoints, client, stop, patienceMs = PATIENCE_MS, retryMs = RETRY_MS } = options;
  const voters = options.members.filter(({ isLearner }) => isLearner !== true);
  const untilMs = performance.now() + patienceMs;
  let revision: number | null = null;
  /** What the last round found that was not cut off. */
  let compared: HashKv | null = null;
  for (;;) {
    revision ??= await newestRevision(client, endpoints);
    const answers = await Promise.all(voters.map((voter) => ask(client, voter, revision)));
    const members = answers.map(({ member }) => member);
    const isEqual = areEqual(members);
    const isFinal = isEqual === true || answers.some(({ failure }) => failure === "final");
    const found = { revision, isEqual, members };
    if (isEqual !== null) compared = found;
    if (stop?.aborted) return compared ?? found;
    if (isFinal || performance.now() >= untilMs) return found;
    if (answers.some(({ failure }) => failure === "compacted")) revision = null;
    await sleep(retryMs);
    if (stop?.aborted) return compared ?? found;
  }
}

/** Null where no endpoint tells. */
async function newestRevision(
  client: HashClient,
  endpoints: readonly string[],
): Promise<number | null> {
  for (const endpoint of endpoints) {
    try {
      return await client.revision(endpoint, { timeoutMs: REVISION_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
    }
  }
  return null;
}

async function ask(
  client: HashClient,
  { name, endpoint }: HashCheckOptions["members"][number],
  revision: number | null,
): Promise<MemberAnswer> {
  const unknown = { name, endpoint, hash: null, compactRevision: null, durationSeconds: null };
  if (revision === null) {
    const error = "no endpoint answered with the newest revision";
    return { member: { ...unknown, error }, failure: "passing" };
  }
  const startMs = performance.now();
  try {
    const { hash, compactRevision } = await hashAt(client, endpoint, revision);
    const durationSeconds = (performance.now() - startMs) / 1000;
    const member = { name, endpoint, hash, compactRevision, durationSeconds, error: null };
    return { member, failure: null };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const { codeName, details } = error;
    return {
      member: { ...unknown, error: `${codeName}: ${details}` },
      failure: failureOf(error),
    };
  }
}

/** The newest revision may be the one that etcd is compacted to, which 3.4 does not hash by number. */
async function hashAt(client: HashClient, endpoint: string, revision: number) {
  const options = { timeoutMs: HASH_TIMEOUT_MS };
  try {
    return await client.hashKv(endpoint, revision, options);
  } catch (error) {
    if (!(error instanceof ControlError) || failureOf(error) !== "compacted") throw error;
    const newest = await client.hashKv(endpoint, 0, options);
    if (newest.revision !== revision) throw error;
    return newest;
  }
}

function failureOf({ codeName, details }: ControlError): NonNullable<MemberAnswer["failure"]> {
  switch (codeName) {
    case "OUT_OF_RANGE":
      return details.includes("compacted") ? "compacted" : "passing";
    case "UNAVAILABLE":
    case "DEADLINE_EXCEEDED":
      return "passing";
    default:
      return "final";
  }
}

/** Null where a hash is missing, or is of other keys. */
function areEqual(members: HashKv["members"]): boolean | null {
  const [first, ...others] = members;
  if (first === undefined || members.some(({ hash }) => hash === null)) return null;
  const { compactRevision, hash } = first;
  if (others.some((other) => other.compactRevision !== compactRevision)) return null;
  return others.every((other) => other.hash === hash);
}
