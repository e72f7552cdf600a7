/** `bench lock`: locks that clients contend for. */

import { choice, count } from "../../flags/vocabulary.ts";
import { formatNoun } from "../../text/noun.ts";
import { defineWorkload } from "../definition.ts";
import { againstAgents, contentionSizes, contentionTerms } from "../parts/contention/words.ts";
import { CONTENTION_FLAGS, contentionOf, MAX_NAMES } from "../parts/flags/contention.ts";
import { CLEANUP, namePrefix } from "../parts/flags/key-space.ts";
import { type LockWorkload, lockSchema } from "./schema.ts";

const workload = { group: "Workload:" } as const;

export const lock = defineWorkload({
  name: "lock",
  summary: "Measure locks under contention: acquire, hand-over, release, fairness",
  examples: [
    ["lock --local --clients=10 --total=2000", "10 clients contend for one lock"],
    [
      "lock --local --clients=20 --conns=4 --locks=4 --hold=5ms --duration=5s --locker=lock-client",
      "5 clients for each of 4 locks, with the mutex recipe, each held for 5 ms",
    ],
  ],
  flags: {
    locks: count({
      ...workload,
      name: "locks",
      default: "1",
      max: MAX_NAMES,
      describe: "number of locks N; client k contends for lock k mod N",
    }),
    locker: choice(
      {
        ...workload,
        name: "locker",
        default: "lock-rpc",
        describe: "lock-rpc|lock-client: etcd's lock service, or its mutex recipe in this client",
      },
      ["lock-rpc", "lock-client"],
    ),
    ...CONTENTION_FLAGS,
    prefix: namePrefix("lock", "bench-lock/"),
    cleanup: CLEANUP,
  },
  schema: lockSchema,
  // Ten clients contend for each.
  calibrated: [{ flags: () => ({ locks: "100" }) }],
  writes: true,
  isWarmed: true,
  plan(flags, { load, note }): LockWorkload {
    const { locker, locks } = flags;
    return { kind: "lock", locker, locks, ...contentionOf(flags, locks, load, note) };
  },
  describe: ({ locker, locks, ...plan }) =>
    [`lock (${locker}) of ${formatNoun(locks, "name")}`, ...contentionTerms(plan)].join(", "),
  // A lock's key is put without a value, and deleted.
  plannedWrites: ({ prefix }, requests) => ({
    ...contentionSizes(prefix),
    puts: 0,
    deletes: 2 * requests,
  }),
  againstAgents: ({ locks }, load) => againstAgents("lock", locks, load),
  setUpLeases: (_, clients) => clients,
  preparation: () => import("./prepare.ts"),
  commandLine: ({ kind: _, ...flags }) => ({ flags }),
});
