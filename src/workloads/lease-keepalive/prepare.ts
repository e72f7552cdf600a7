/** Prepares `bench lease-keepalive`: a lease is granted for each client. */
import { operation } from "../../load/load.ts";
import { prepareLeases } from "../parts/leases/client-leases.ts";
import type { Preparation } from "../preparation.ts";
import type { LeaseKeepaliveSpec } from "./load.ts";
import type { LeaseKeepaliveWorkload } from "./schema.ts";

export const preparation: Preparation<LeaseKeepaliveWorkload> = {
  series: () => ["lease-keepalive"],
  async prepare({ ttlSeconds, newStream }, { plan, target, access }) {
    const { clients } = plan.load;
    const { leases, cleanUp } = await prepareLeases(ttlSeconds, clients, target.endpoints, access);
    return { operations: [keepAlives(leases, newStream)], cleanUp };
  },
  plannedOperations: ({ newStream }) => [keepAlives([], newStream)],
  proxyAnswers: () => ["keep-alives"],
};

function keepAlives(leases: LeaseKeepaliveSpec["keepalive"]["leases"], newStream: boolean) {
  return operation<LeaseKeepaliveSpec>({
    series: ["lease-keepalive"],
    kind: "lease-keepalive",
    keepalive: { leases, newStream },
  });
}
