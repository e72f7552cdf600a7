/**
 * Asks etcd before any load whether it lets this user write and read the run's keys: the first and
 * the last of them. A key between them may still be denied, and is then counted as PERMISSION_DENIED.
 */
import { usageError } from "../../errors.ts";
import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import { isDenied, mayBeDenied, permissionError, userWords } from "../../etcd/denied.ts";
import { plannedEvents } from "../../events/catalogue.ts";
import { COMPACTION } from "../../events/compaction.ts";
import { DEFRAGMENTATION } from "../../events/defragmentation.ts";
import type { RunPlan } from "../../plan/schema.ts";
import type { KeysToCheck } from "../../workloads/preparation.ts";

/** @throws BenchError (usage) that names the user and a key that is denied */
export async function checkPermissions(
  plan: RunPlan,
  { written, read }: KeysToCheck,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<void> {
  if (!mayBeDenied(access)) return;
  const client = new ControlClient(endpoints, { access });
  const check = async (what: string, key: Buffer, ask: () => Promise<unknown>) => {
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof ControlError && isDenied(error))) throw error;
      throw permissionError(plan.target.user, `${what} the key ${describeKey(key)}`, error);
    }
  };
  try {
    for (const key of written) await check("writing", key, () => client.checkPuts([key]));
    for (const key of read) {
      await check("reading", key, () => client.range({ key, countOnly: true }));
    }
  } catch (error) {
    // Of anything else the load itself will tell, request by request.
    if (!(error instanceof ControlError)) throw error;
  } finally {
    client.close();
  }
}

/** What takes the role root, or one that may do it. */
interface Maintained {
  isPlanned: boolean;
  /** Who asks for what, as the begin of the error. */
  refusal: string;
  /** Does nothing where etcd lets this user in. */
  ask(client: ControlClient): Promise<unknown>;
}

/** Beyond every revision: nothing is hashed, and nothing compacted. */
const YET_TO_COME = Number.MAX_SAFE_INTEGER;

/**
 * Hashes, defragmentations and compactions, of the load and of its events.
 * @throws BenchError (usage) for what a run does and etcd does not let this user do
 */
export async function checkMaintenance(
  plan: RunPlan,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<void> {
  if (!mayBeDenied(access)) return;
  const kinds = new Set(plannedEvents(plan.maintenance).map(({ event }) => event.kind));
  // Defragment has the same guard as HashKV, and would not be without effect.
  const hash = (client: ControlClient) => client.hashKv(endpoints[0]!, YET_TO_COME);
  const all: Maintained[] = [
    { isPlanned: plan.judge.checkHashKv, refusal: "--check-hashkv: hashing keys", ask: hash },
    {
      isPlanned: kinds.has(DEFRAGMENTATION.kind),
      refusal: `${userWords(plan.target.user)}: defragmenting members`,
      ask: hash,
    },
    {
      isPlanned: kinds.has(COMPACTION.kind),
      refusal: `${userWords(plan.target.user)}: compacting keys`,
      ask: (client) => client.compact({ revision: YET_TO_COME }),
    },
  ];
  const client = new ControlClient(endpoints, { access });
  try {
    for (const { isPlanned, refusal, ask } of all) {
      if (isPlanned) await checkOne(refusal, () => ask(client));
    }
  } finally {
    client.close();
  }
}

async function checkOne(refusal: string, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    // Of a hash etcd leaves the status UNKNOWN. Anything else the run itself finds.
    if (error.gateway !== null || !/permission denied$/.test(error.details)) return;
    throw usageError(
      `${refusal} is denied (${error.details}): etcd lets only the role root do it; name such a user, or leave it out`,
      error,
    );
  }
}

/** As text where it is some, else in hex. */
function describeKey(key: Buffer): string {
  const text = key.toString("latin1");
  return /^[ -~]*$/.test(text) ? JSON.stringify(text) : `0x${key.toString("hex")}`;
}
