/** Finds out whether etcd grants leases that live longer than what is asked for. */
import { type ControlAccess, ControlClient, ControlError } from "../../../etcd/control-client.ts";
import { controlFailure } from "../../../etcd/set-up-failure.ts";

/**
 * etcd's least time to live is one and a half times its election timeout, rounded up to whole
 * seconds, and it takes an election timeout of 50 s at most.
 */
const LARGEST_LEAST_TTL_SECONDS = 75;

/**
 * Grants one lease such as the run will ask for, and revokes it.
 * @returns how long it would have lived
 * @throws BenchError where etcd grants none
 */
export async function grantedTtlByTrial(
  ttlSeconds: number,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<number> {
  if (ttlSeconds > LARGEST_LEAST_TTL_SECONDS) return ttlSeconds;
  const control = new ControlClient(endpoints, { access });
  try {
    const granted = await control.grantLeaseFor(ttlSeconds);
    await control.revokeLease(granted.lease);
    return granted.ttlSeconds;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    throw controlFailure("a lease such as the run asks for could not be granted", error);
  } finally {
    control.close();
  }
}
