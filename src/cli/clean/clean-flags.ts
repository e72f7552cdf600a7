/** The flags of `bench clean`. */
import { TARGET_FLAGS } from "../../flags/target.ts";
import { parsed, toggle } from "../../flags/vocabulary.ts";
import { keyTextOf } from "../../plan/key-text.ts";
import { badValue } from "../../units.ts";

const own = { group: "Workload:", sectionOnly: true } as const;

/** A cluster that was started for a run took its keys with it. */
const {
  local: _local,
  etcd: _etcd,
  tls: _tls,
  auth: _auth,
  leaderOnly: _leaderOnly,
  metricsEndpoints: _metrics,
  autoSyncIntervalMs: _autoSync,
  ignoresQuota: _quota,
  ...ACCESS_TO_ETCD
} = TARGET_FLAGS;

export const CLEAN_FLAGS = {
  ...ACCESS_TO_ETCD,
  prefix: parsed(
    {
      ...own,
      name: "prefix",
      describe:
        "TEXT that the keys begin with, in place of saved results; hex:... for other octets",
    },
    {
      isText: true,
      parse(flag, given) {
        if (given !== "") return keyTextOf(flag, given);
        throw badValue(flag, given, "a prefix: without one every key of etcd would go", "bench/");
      },
      format: (prefix: string) => prefix,
    },
  ),
  isSure: toggle({
    ...own,
    name: "yes",
    short: "y",
    describe: "delete without a question; without a terminal nothing is deleted unless it is given",
  }),
};
