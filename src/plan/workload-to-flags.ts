/** Owns the way back from a workload to the command, the arguments and the flags that make it. */
import { TXN_MIXED_DEFAULTS } from "./defaults.ts";
import type { KeySpace, RangeWorkload, WatchWorkload, Workload } from "./schema.ts";
import { formatDuration, formatRate, formatSize } from "./units.ts";
import type { Values } from "./value-size.ts";
import type { KubernetesWorkload } from "./workload/kubernetes.ts";
import { KUBERNETES_DEFAULTS } from "./workload/kubernetes-defaults.ts";
import type { LeaseGrantWorkload } from "./workload/lease-grant-schema.ts";
import { STALENESS_DEFAULTS } from "./workload/staleness-defaults.ts";
import { WATCH_DEFAULTS, WATCH_GET_DEFAULTS } from "./workload/watch-defaults.ts";

/** By the name of the flag: its text, true for a switch, several texts where it may be repeated. */
export type FlagTexts = Record<string, string | boolean | readonly string[] | null>;

export interface WorkloadFlags {
  command: Workload["kind"];
  args: readonly string[];
  flags: FlagTexts;
  /** The command's own, before those of all. */
  defaults?: Readonly<Record<string, string>>;
}

export function workloadFlags(workload: Workload): WorkloadFlags {
  const { kind: command } = workload;
  const bare = (flags: FlagTexts): WorkloadFlags => ({ command, args: [], flags });
  switch (workload.kind) {
    case "put":
      return bare({ ...spaceFlags(workload.keys), ...valueFlags(workload) });
    case "delete":
    case "txn-put":
    case "mixed":
      return bare({
        ...orderedFlags(workload.keys),
        ...valueFlags(workload),
        ...("mix" in workload ? { mix: weights(workload.mix) } : {}),
        ...("consistency" in workload ? { consistency: workload.consistency[0]! } : {}),
        ...("txnOps" in workload ? { "txn-ops": String(workload.txnOps) } : {}),
        ...(workload.kind === "mixed"
          ? {
              "scan-length": String(workload.scanLength),
              ...(workload.leaseGrant === null ? {} : leaseFlags(workload.leaseGrant)),
            }
          : {}),
      });
    case "txn-mixed": {
      const { key, end, limit, consistency, rwRatio } = workload;
      return {
        command,
        args: key === null ? [] : [key, ...(end === null ? [] : [end])],
        flags: {
          ...orderedFlags(workload.keys),
          popularity: workload.keys.sequential ? null : [workload.keys.popularity],
          ...valueFlags(workload),
          "end-key": key === null ? end : null,
          limit: String(limit ?? 0),
          consistency: consistency[0]!,
          "rw-ratio": String(rwRatio),
        },
        defaults: TXN_MIXED_DEFAULTS,
      };
    }
    case "range":
      return rangeFlags(workload);
    case "watch":
    case "watch-latency":
      return watchFlags(workload);
    case "watch-get":
      return {
        command,
        args: [],
        flags: {
          watchers: String(workload.watchers),
          streams: String(workload.streams),
          events: String(workload.events),
          "key-size": String(workload.keys.keySizeBytes),
          prefix: workload.keys.prefix,
          ...valueFlags(workload),
          consistency: workload.consistency[0]!,
        },
        defaults: WATCH_GET_DEFAULTS,
      };
    case "staleness":
      return {
        command,
        args: [],
        flags: {
          ...spaceFlags(workload.keys),
          ...valueFlags(workload),
          "read-rate": formatRate(workload.readRatePerSec),
        },
        // Where a total is given there is no duration by default.
        defaults: { ...STALENESS_DEFAULTS, duration: "" },
      };
    case "lease-keepalive":
      return bare({ "new-stream": workload.newStream });
    case "lease-grant":
      return bare({
        ...leaseFlags(workload),
        ...valueFlags(workload),
        prefix: [workload.prefix],
        expire: workload.expire,
      });
    case "stm":
      return bare({
        isolation: isolationWord(workload.isolation),
        keys: String(workload.keySpaceSize),
        "keys-per-txn": String(workload.keysPerTxn),
        "txn-wr-percent": String(workload.writePercent),
        "stm-locker": workload.locker,
        ...valueFlags(workload),
        prefix: [workload.prefix],
      });
    case "lock":
    case "election":
      return bare({
        ...(workload.kind === "lock"
          ? { locker: workload.locker, locks: String(workload.locks) }
          : { elections: String(workload.elections), proclaims: String(workload.proclaims) }),
        hold: workload.holdMs === 0 ? null : formatDuration(workload.holdMs),
        ttl: formatDuration(workload.ttlSeconds * 1000),
        prefix: [workload.prefix],
      });
    case "kubernetes":
      return kubernetesFlags(workload);
  }
}

function leaseFlags({ ttlSeconds, keysPerLease }: LeaseGrantWorkload): FlagTexts {
  return {
    ttl: formatDuration(ttlSeconds * 1000),
    "keys-per-lease": String(keysPerLease),
  };
}

type Isolation = Extract<Workload, { kind: "stm" }>["isolation"];

function isolationWord(isolation: Isolation): "c" | "r" | "s" | "ss" {
  switch (isolation) {
    case "read-committed":
      return "c";
    case "repeatable-reads":
      return "r";
    case "serializable":
      return "s";
    case "serializable-snapshot":
      return "ss";
  }
}

function spaceFlags(keys: KeySpace): FlagTexts {
  return { ...orderedFlags(keys), "sequential-keys": keys.sequential };
}

/** Of a key space whose order is the command's own. Its size is always said: it has other defaults. */
function orderedFlags(keys: KeySpace): FlagTexts {
  return {
    "key-size": String(keys.keySizeBytes),
    "key-space-size": [String(keys.keySpaceSize)],
    popularity: keys.sequential ? null : keys.popularity,
    prefix: keys.prefix,
    "key-encoding": keys.encoding,
  };
}

function valueFlags({ valSizeBytes, valueSize }: Values): FlagTexts {
  switch (valueSize?.kind) {
    case undefined:
      return { "val-size": String(valSizeBytes) };
    case "uniform":
      return {
        "val-size": `${formatSize(valueSize.minBytes)}..${formatSize(valueSize.maxBytes)}`,
      };
    case "lognormal":
      return { "val-size": `lognormal:${formatSize(valueSize.medianBytes)},${valueSize.sigma}` };
  }
}

function weights(mix: readonly { operation: string; weight: number }[]): string {
  return mix.map(({ operation, weight }) => `${operation}=${weight}`).join(",");
}

function rangeFlags(workload: RangeWorkload): WorkloadFlags {
  const { key, end, prefix, fetch, limit, content, sort, consistency, keySpace } = workload;
  const named = key === null || (prefix && key === "") ? [] : [key];
  const putsNothing = keySpace === null && key !== null;
  return {
    command: "range",
    args: end === null ? named : [...named, end],
    flags: {
      // Here it is the switch; the key space's own prefix is the key.
      ...(keySpace === null ? {} : spaceFlags(keySpace)),
      prefix,
      "key-size": putsNothing ? null : String(workload.keySizeBytes),
      ...(putsNothing ? {} : valueFlags(workload)),
      consistency: consistency.map((each) => each[0]!).join(","),
      limit: limit === null ? null : String(limit),
      "keys-only": content === "keys",
      "count-only": content === "count",
      sort: sort === null ? null : `${sort.by}:${sort.order}`,
      paginate: fetch === "pages",
      stream: fetch === "stream",
    },
  };
}

function watchFlags(workload: WatchWorkload): WorkloadFlags {
  const { kind, keys, watchedKeyTotal, streams, watchersPerStream } = workload;
  const isDefaulted = keys.keySpaceSize === watchedKeyTotal && keys.sequential;
  return {
    command: kind,
    args: [],
    flags: {
      streams: String(streams),
      [kind === "watch" ? "watch-per-stream" : "watchers-per-stream"]: String(watchersPerStream),
      "watched-key-total": kind === "watch" ? String(watchedKeyTotal) : null,
      ...(isDefaulted ? { ...spaceFlags(keys), "key-space-size": null } : spaceFlags(keys)),
      popularity: null,
      "sequential-keys": keys.sequential && !isDefaulted,
      ...valueFlags(workload),
      prevkv: workload.prevKv,
      "progress-notify": workload.progressNotify,
    },
    defaults: WATCH_DEFAULTS[kind],
  };
}

/** The mix follows from the cluster's size where it is not named; naming it says the same. */
function kubernetesFlags(workload: KubernetesWorkload): WorkloadFlags {
  const { scenario, nodes, pods, mix, relistClients, eventTtlSeconds } = workload;
  const isOwnMix = scenario === "job-storm" || scenario === "events";
  return {
    command: "kubernetes",
    args: [],
    flags: {
      scenario,
      nodes: String(nodes),
      pods: [String(pods)],
      "pod-size": formatSize(workload.podSizeBytes),
      mix: isOwnMix ? null : weights(mix),
      "conflict-rate": String(workload.conflictRate),
      relists: scenario === "relist" ? String(relistClients) : null,
      "event-ttl": [formatDuration(eventTtlSeconds * 1000)],
      "compact-interval": formatDuration(workload.compactIntervalMs),
      prefix: [workload.prefix],
    },
    defaults: {
      clients: KUBERNETES_DEFAULTS[scenario === "relist" ? "relistClients" : "clients"],
      "compact-interval": KUBERNETES_DEFAULTS.compactInterval,
    },
  };
}
