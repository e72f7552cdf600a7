/**
 * Asks etcd before any load whether it lets this user write and read the run's keys: the first and
 * the last of them. A key between them may still be denied, and is then counted as PERMISSION_DENIED.
 */
import { usageError } from "../../errors.ts";
import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import { isDenied, mayBeDenied, permissionError } from "../../etcd/denied.ts";
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

/**
 * HashKV takes the role root. It is asked for a revision that is yet to come, so that an etcd that
 * lets this user in hashes nothing.
 * @throws BenchError (usage) where it does not
 */
export async function checkHashPermission(
  plan: RunPlan,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<void> {
  if (!mayBeDenied(access) || !plan.judge.checkHashKv) return;
  const client = new ControlClient(endpoints, { access });
  try {
    await client.hashKv(endpoints[0]!, Number.MAX_SAFE_INTEGER);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    // etcd leaves the status UNKNOWN here. The comparison itself finds anything else.
    if (!/permission denied$/.test(error.details)) return;
    throw usageError(
      `--check-hashkv: etcd lets only the role root hash its keys (${error.details}): name such a user, or leave it out`,
      error,
    );
  } finally {
    client.close();
  }
}

/** As text where it is some, else in hex. */
function describeKey(key: Buffer): string {
  const text = key.toString("latin1");
  return /^[ -~]*$/.test(text) ? JSON.stringify(text) : `0x${key.toString("hex")}`;
}
