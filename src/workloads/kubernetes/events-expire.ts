/** Holds --timeout against the time after which the events of --scenario=events are gone. */
import { assertTimeToExpire } from "../parts/leases/time-to-expire.ts";
import { eventLeaseSeconds, type KubernetesWorkload } from "./request-mix.ts";

/** @throws BenchError (usage) where the run would give up before its last events have expired */
export function assertEventsExpire(
  plan: KubernetesWorkload,
  timeoutMs: number,
  grantedSeconds = eventLeaseSeconds(plan),
): void {
  if (plan.scenario !== "events") return;
  assertTimeToExpire({ askedSeconds: eventLeaseSeconds(plan), grantedSeconds }, timeoutMs, {
    flag: "scenario",
    waits: "--scenario=events waits until the last events have expired",
    ttlFlag: "--event-ttl",
  });
}
