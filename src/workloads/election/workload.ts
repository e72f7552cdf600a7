/** `bench election`: elections in which clients campaign, lead and resign. */

import { count } from "../../flags/vocabulary.ts";
import { formatNoun } from "../../text/noun.ts";
import { defineWorkload } from "../definition.ts";
import { againstAgents, contentionSizes, contentionTerms } from "../parts/contention/words.ts";
import { CONTENTION_FLAGS, contentionOf, MAX_NAMES } from "../parts/flags/contention.ts";
import { CLEANUP, namePrefix } from "../parts/flags/key-space.ts";
import { type ElectionWorkload, electionSchema } from "./schema.ts";

const workload = { group: "Workload:" } as const;

const MAX_PROCLAIMS = 1_000_000;

export const election = defineWorkload({
  name: "election",
  summary: "Measure elections: campaign, hand-over, resign, what observers see, fairness",
  examples: [
    ["election --local --clients=5 --total=1000", "5 clients campaign in one election"],
    [
      "election --local --clients=20 --conns=4 --elections=4 --proclaims=2 --hold=10ms --duration=5s",
      "4 elections of 5 clients; leaders proclaim twice and resign 10 ms later",
    ],
  ],
  flags: {
    elections: count({
      ...workload,
      name: "elections",
      default: "1",
      max: MAX_NAMES,
      describe: "number of elections N; client k campaigns in election k mod N",
    }),
    proclaims: count({
      ...workload,
      name: "proclaims",
      default: "0",
      min: 0,
      max: MAX_PROCLAIMS,
      describe: "number of proclamations of each leader",
    }),
    ...CONTENTION_FLAGS,
    prefix: namePrefix("election", "bench-election/"),
    cleanup: CLEANUP,
  },
  schema: electionSchema,
  // Ten clients contend for each.
  calibrated: [{ flags: () => ({ elections: "100" }) }],
  writes: true,
  isWarmed: true,
  plan(flags, { load, note }): ElectionWorkload {
    const { elections, proclaims } = flags;
    return {
      kind: "election",
      elections,
      proclaims,
      ...contentionOf(flags, elections, load, note),
    };
  },
  describe: ({ elections, proclaims, ...plan }) =>
    [
      `election of ${formatNoun(elections, "name")}`,
      ...(proclaims > 0 ? [`${formatNoun(proclaims, "proclamation")} a leader`] : []),
      ...contentionTerms(plan),
    ].join(", "),
  plannedWrites: ({ prefix, proclaims }, requests) => ({
    ...contentionSizes(prefix),
    puts: requests * (1 + proclaims),
    deletes: requests,
  }),
  againstAgents: ({ elections }, load) => againstAgents("election", elections, load),
  setUpLeases: (_, clients) => clients,
  preparation: () => import("./prepare.ts"),
  commandLine: ({ kind: _, ...flags }) => ({ flags }),
});
