/** `bench lease-keepalive`: renewals of leases. */
import { toggle } from "../../flags/vocabulary.ts";
import { defineWorkload } from "../definition.ts";
import { type LeaseKeepaliveWorkload, leaseKeepaliveSchema } from "./schema.ts";

/** As upstream grants them. */
const TTL_SECONDS = 100;

export const leaseKeepalive = defineWorkload({
  name: "lease-keepalive",
  summary: "Measure keep-alives of one lease for each client",
  examples: [
    ["lease-keepalive --local", "10,000 keep-alives of one lease, on one stream"],
    [
      "lease-keepalive --local --conns=4 --clients=40 --new-stream",
      "a stream for each keep-alive, as etcd's tool does",
    ],
  ],
  flags: {
    newStream: toggle({
      group: "Workload:",
      name: "new-stream",
      describe:
        "open a stream for each keep-alive, as upstream's tool; default: one stream for each client",
    }),
  },
  schema: leaseKeepaliveSchema,
  calibrated: [{}],
  writes: false,
  isWarmed: true,
  plan: ({ newStream }): LeaseKeepaliveWorkload => ({
    kind: "lease-keepalive",
    ttlSeconds: TTL_SECONDS,
    newStream,
  }),
  describe({ ttlSeconds, newStream }) {
    const streams = newStream ? "a stream for each" : "one stream a client";
    return `lease-keepalive of one lease a client (TTL ${ttlSeconds} s), ${streams}`;
  },
  plannedWrites: () => null,
  setUpLeases: (_, clients) => clients,
  preparation: () => import("./prepare.ts"),
  commandLine: ({ newStream }) => ({ flags: { newStream } }),
});
