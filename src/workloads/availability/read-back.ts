/**
 * Reads the keys of a run again on every member when it is over: serializably, at one revision, which
 * each member must have come to first.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import type { TargetInfo } from "../../etcd/inspect.ts";
import type { MemberKeys } from "../../failover/writes.ts";
import { prefixEnd } from "../../plan/key-range.ts";
import { numberAt } from "./request-kind.ts";

/** A member that was restarted or replaced takes its time. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 100;
const CALL_MS = 5_000;
const PAGE_KEYS = 2_000;

export interface ReadBackOptions {
  target: Pick<TargetInfo, "endpoints" | "members">;
  access: ControlAccess;
  prefix: Buffer;
  stop: AbortSignal | undefined;
}

/** Never rejects over etcd: a member that cannot be read has an error. */
export async function readMembers(options: ReadBackOptions): Promise<MemberKeys[]> {
  const { target, access } = options;
  const client = new ControlClient(target.endpoints, { access, timeoutMs: CALL_MS });
  try {
    const untilMs = performance.now() + PATIENCE_MS;
    const revision = await patiently(options, untilMs, () => newestRevision(client, target));
    const voters = target.members.filter(({ isLearner }) => !isLearner);
    return await Promise.all(
      voters.map(async ({ name, endpoint }): Promise<MemberKeys> => {
        const read = async () => {
          if (typeof revision !== "number") return revision;
          return readMember(client, endpoint, options.prefix, revision);
        };
        const member = name || endpoint;
        if (endpoint === "") {
          const error = "no address of it is known";
          return { member, versions: null, corrupt: new Set(), error };
        }
        const found = await patiently(options, untilMs, read);
        if (found instanceof ControlError) {
          const error = `${found.codeName}: ${found.details}`;
          return { member, versions: null, corrupt: new Set(), error };
        }
        return { member, ...found, error: null };
      }),
    );
  } finally {
    client.close();
  }
}

/** Tries again until it is answered, the time is over, or the user wants no more waiting. */
async function patiently<Answer>(
  { stop }: ReadBackOptions,
  untilMs: number,
  attempt: () => Promise<Answer | ControlError>,
): Promise<Answer | ControlError> {
  for (;;) {
    const answer = await attempt().catch((error: unknown) => {
      if (error instanceof ControlError) return error;
      throw error;
    });
    if (!(answer instanceof ControlError)) return answer;
    if (stop?.aborted || performance.now() >= untilMs) return answer;
    await sleep(RETRY_MS);
  }
}

/** By a linearizable read, from any member that answers. */
async function newestRevision(
  client: ControlClient,
  { endpoints }: ReadBackOptions["target"],
): Promise<number | ControlError> {
  let last: ControlError | null = null;
  for (const endpoint of endpoints) {
    try {
      const key = Buffer.from([0]);
      return (await client.range({ key, countOnly: true }, { endpoint })).revision;
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      last = error;
    }
  }
  return last!;
}

async function readMember(
  client: ControlClient,
  endpoint: string,
  prefix: Buffer,
  revision: number,
): Promise<Pick<MemberKeys, "versions" | "corrupt">> {
  const versions = new Map<number, number>();
  const corrupt = new Set<number>();
  let key: Buffer = prefix;
  for (;;) {
    const request = { key, rangeEnd: prefixEnd(prefix), revision, limit: PAGE_KEYS };
    const page = await client.range({ ...request, serializable: true }, { endpoint });
    for (const kv of page.kvs) {
      const number = numberAt(kv.key, prefix.length, kv.key.length);
      if (number < 0) continue;
      versions.set(number, kv.version);
      if (numberAt(kv.value, 0, kv.value.length) !== number) corrupt.add(number);
    }
    const last = page.kvs.at(-1);
    if (!page.more || last === undefined) return { versions, corrupt };
    key = Buffer.concat([last.key, Buffer.from([0])]);
  }
}
