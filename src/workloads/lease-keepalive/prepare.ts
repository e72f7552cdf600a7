/** Prepares `bench lease-keepalive`: a lease is granted for each client. */
import { operation } from "../../load/load.ts";
import { prepareLeases } from "../parts/leases/client-leases.ts";
import type { Preparation } from "../preparation.ts";
import type { LeaseKeepaliveSpec } from "./load.ts";
import type { LeaseKeepaliveWorkload } from "./schema.ts";

const PROXIED_KEEPALIVES =
  "etcd's grpc-proxy keeps each lease alive by itself, once in a third of its time to live, and answers " +
  "a client's keep-alives together then: what lease-keepalive measures is the proxy's rhythm; name a " +
  "member's own endpoint to measure etcd.";

export const preparation: Preparation<LeaseKeepaliveWorkload> = {
  series: () => ["lease-keepalive"],
  async prepare({ ttlSeconds, newStream }, { plan, target, access, note }) {
    const { clients } = plan.load;
    const { leases, cleanUp } = await prepareLeases(ttlSeconds, clients, target.endpoints, access);
    if (target.isGrpcProxy) note(PROXIED_KEEPALIVES);
    const spec = operation<LeaseKeepaliveSpec>({
      series: ["lease-keepalive"],
      kind: "lease-keepalive",
      keepalive: { leases, newStream },
    });
    return { operations: [spec], cleanUp };
  },
};
