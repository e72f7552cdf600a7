/** Words what the single requests of runs show of promises of etcd that were broken: a clause each. */
import { formatNoun } from "../text/noun.ts";
import type { DataFigures } from "./report-schema.ts";

export function count(number: number | null, one: string, many: string): string[] {
  return number === null || number === 0 ? [] : [formatNoun(number, one, many)];
}

export function brokenPromises(data: DataFigures): string[] {
  return [
    ...count(data.lost, "acknowledged write lost", "acknowledged writes lost"),
    ...count(data.appliedTwice, "write applied twice", "writes applied twice"),
    ...count(data.corrupt, "value corrupt", "values corrupt"),
    ...count(
      data.inDoubtDiverged,
      "write in doubt that members disagree on",
      "writes in doubt that members disagree on",
    ),
    ...count(
      data.hashesDiffer,
      "run after which the members' hashes differ",
      "runs after which the members' hashes differ",
    ),
    ...count(data.wentBack, "linearizable read went back", "linearizable reads went back"),
    ...count(
      data.notFound,
      "linearizable read missed an acknowledged key",
      "linearizable reads missed an acknowledged key",
    ),
    ...count(data.eventsTwice, "watch event twice", "watch events twice"),
    ...count(data.eventsOutOfOrder, "watch event out of order", "watch events out of order"),
    ...count(data.eventsLost, "watch event lost", "watch events lost"),
    ...count(data.leasesExpiredEarly, "lease expired early", "leases expired early"),
    ...count(data.twoOwners, "lock with two owners", "locks with two owners"),
  ];
}
