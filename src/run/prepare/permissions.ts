/**
 * Owns finding out before any load whether etcd lets this user write the run's keys: the first and
 * the last of them. What lies between may still be denied, and is then counted as PERMISSION_DENIED.
 */
import { type BenchError, usageError } from "../../errors.ts";
import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import { KeyWriter } from "../../load/workload/key-space.ts";
import { ownKeySpace } from "../../plan/own-key-space.ts";
import type { KeySpace, RunPlan } from "../../plan/schema.ts";

/** @throws BenchError (usage) that names the user and a key that is denied */
export async function checkPermissions(
  plan: RunPlan,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<void> {
  const keys = ownKeySpace(plan.workload);
  if (!isKnown(access) || keys === null) return;
  const client = new ControlClient(endpoints, { access });
  try {
    for (const key of outermostKeys(keys)) {
      try {
        await client.checkPuts([key]);
      } catch (error) {
        if (!(error instanceof ControlError && isDenied(error))) throw error;
        throw permissionError(plan.target.user, `writing the key ${describeKey(key)}`, error);
      }
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
  if (!isKnown(access) || !plan.judge.checkHashKv) return;
  const client = new ControlClient(endpoints, { access });
  try {
    await client.hashKv(endpoints[0]!, Number.MAX_SAFE_INTEGER);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    // etcd leaves the status UNKNOWN here. Anything else is told by the comparison itself.
    if (!/permission denied$/.test(error.details)) return;
    throw usageError(
      `--check-hashkv: etcd lets only the role root hash its keys (${error.details}): name such a user, or leave it out`,
      error,
    );
  } finally {
    client.close();
  }
}

/** Of nobody else etcd has anything to deny. */
function isKnown({ tokens, tls }: ControlAccess): boolean {
  return tokens !== null || (tls?.cert ?? null) !== null;
}

export function isDenied(error: ControlError): boolean {
  return error.codeName === "PERMISSION_DENIED";
}

/** @param user null where etcd knows the client by its certificate */
export function permissionError(
  user: string | null,
  what: string,
  cause: ControlError,
): BenchError {
  const who = user === null ? "--cert: the user of this certificate" : `--user: ${user}`;
  return usageError(
    `${who} is denied ${what} (${cause.details}): grant a role that may, choose other keys, or name another user`,
    cause,
  );
}

function outermostKeys(keys: KeySpace): Buffer[] {
  const writer = new KeyWriter(keys);
  return [...new Set([0, keys.keySpaceSize - 1])].map((index) => {
    const key = Buffer.alloc(keys.keySizeBytes);
    writer.write(index, key, 0);
    return key;
  });
}

/** As text where it is some, else in hex. */
function describeKey(key: Buffer): string {
  const text = key.toString("latin1");
  return /^[ -~]*$/.test(text) ? JSON.stringify(text) : `0x${key.toString("hex")}`;
}
