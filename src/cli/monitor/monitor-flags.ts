/** The flags of `bench monitor`. */
import { parseAddress, USUAL_ADDRESS } from "../../flags/stream.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { duration, parsed, repeated, text, toggle } from "../../flags/vocabulary.ts";

const own = { group: "Monitor:", sectionOnly: true } as const;

/** A cluster that lives for one run is not there to be watched. */
const {
  local: _local,
  etcd: _etcd,
  tls: _tls,
  auth: _auth,
  grpcProxy: _grpcProxy,
  isProxied: _isProxied,
  leaderOnly: _leaderOnly,
  autoSyncIntervalMs: _autoSync,
  ignoresQuota: _quota,
  ...TARGET
} = TARGET_FLAGS;

const USUAL_LISTEN = "127.0.0.1:9090";

export const MONITOR_FLAGS = {
  ...TARGET,
  bench: repeated<string>(
    {
      ...own,
      name: "bench",
      shownDefault: USUAL_ADDRESS,
      describe: "HOST:PORT of --metrics-listen of a run to scrape; repeatable",
    },
    { parse: (flag, given) => parseAddress(flag, given), format: (value) => value, isText: true },
  ),
  intervalMs: duration({
    ...own,
    name: "scrape-interval",
    default: "1s",
    min: 100,
    max: 3_600_000,
    describe: "time between two scrapes of each member and of bench",
  }),
  listen: parsed(
    {
      ...own,
      name: "listen",
      default: USUAL_LISTEN,
      describe: "HOST:PORT that Prometheus listens at",
    },
    {
      isText: true,
      parse: (flag, given) => parseAddress(flag, given, USUAL_LISTEN),
      format: (value) => value,
    },
  ),
  folder: text({
    ...own,
    name: "dir",
    default: "monitor",
    describe: "DIR of the configuration, the dashboard and the data of Prometheus",
  }),
  isFilesOnly: toggle({
    ...own,
    name: "files-only",
    describe: "write the files, and start nothing",
  }),
};
