/** Grants a lease for each client before the clock starts, and revokes them after the run. */
import { type ControlAccess, ControlClient, ControlError } from "../../../etcd/control-client.ts";
import { controlFailure } from "../../../etcd/set-up-failure.ts";
import { longerLeaseNotes } from "../../../result/target-notes.ts";
import { formatNoun } from "../../../text/noun.ts";
import { NO_LEASE } from "./no-lease.ts";

/** Calls of the control plane that are under way at once. */
const AT_A_TIME = 64;
/** Revoking is courtesy: an etcd that does not answer must not keep the run from its end. */
const REVOKE_MS = 5_000;

export interface GrantedLeases {
  /** Decimal ids, by client. */
  leases: string[];
  /** Resolves to what a reader should know of it. */
  cleanUp: () => Promise<string[]>;
}

/** Grants a lease for each client. @throws BenchError where etcd grants no leases. */
export async function prepareLeases(
  ttlSeconds: number,
  clients: number,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<GrantedLeases> {
  const control = new ControlClient(endpoints, { access });
  const leases: string[] = new Array(clients);
  let grantedSeconds = 0;
  try {
    await inParallel(clients, async (client) => {
      const granted = await control.grantLeaseFor(ttlSeconds);
      leases[client] = granted.lease;
      grantedSeconds = Math.max(grantedSeconds, granted.ttlSeconds);
    });
  } catch (error) {
    const granted = leases.filter((lease) => lease !== undefined);
    await revokeAll(granted, endpoints, access);
    if (!(error instanceof ControlError)) throw error;
    throw controlFailure("the clients' leases could not be granted", error);
  } finally {
    control.close();
  }
  return {
    leases,
    cleanUp: async () => {
      const there = leases.filter((lease) => lease !== NO_LEASE);
      const { revoked: revokedNow, unknown } = await revokeAll(there, endpoints, access);
      const revoked = revokedNow + clients - there.length;
      const left = clients - revoked - unknown;
      return [
        ...longerLeaseNotes(ttlSeconds, grantedSeconds),
        ...(revoked === clients ? ["Each client's lease was revoked at the end."] : []),
        ...(unknown === 0
          ? []
          : [`At the end etcd did not know ${unknown} of the ${clients} clients' leases.`]),
        ...(left === 0
          ? []
          : [
              `${left} of ${formatNoun(clients, "lease")} could not be revoked at the end: ` +
                `they expire by themselves within ${Math.max(ttlSeconds, grantedSeconds)} s.`,
            ]),
      ];
    },
  };
}

/**
 * Over connections of its own, since one from before the run may have broken in it. What an endpoint does not
 * answer is asked of the next one.
 * @returns how many are revoked, and how many etcd did not know
 */
async function revokeAll(
  leases: readonly string[],
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<{ revoked: number; unknown: number }> {
  const control = new ControlClient(endpoints, { access });
  const untilMs = performance.now() + REVOKE_MS;
  const count = { revoked: 0, unknown: 0 };
  /** The endpoint that is asked first: one that has not failed, if there is one. */
  let first = 0;
  const revoke = async (lease: string) => {
    for (let triesLeft = endpoints.length; triesLeft > 0; triesLeft--) {
      const at = first;
      // An endpoint that never answers must leave time for the others.
      const timeoutMs = (untilMs - performance.now()) / triesLeft;
      if (timeoutMs <= 0) return;
      try {
        await control.revokeLease(lease, { endpoint: endpoints[at]!, timeoutMs });
        count.revoked += 1;
        return;
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        if (error.codeName === "NOT_FOUND") {
          // A try before may have revoked it without an answer.
          count[triesLeft === endpoints.length ? "unknown" : "revoked"] += 1;
          return;
        }
        if (first === at) first = (at + 1) % endpoints.length;
      }
    }
  };
  try {
    await inParallel(leases.length, (index) => revoke(leases[index]!));
  } finally {
    control.close();
  }
  return count;
}

/** Does `each` for 0 to count - 1; rejects with the first failure when nothing is under way. */
async function inParallel(count: number, each: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await each(next++);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(AT_A_TIME, count) }, lane));
  const failure = lanes.find((one) => one.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
