/** Faults of the network in front of a member, by the fault proxies of a cluster that has some. */
import { usageError } from "../errors.ts";
import { DIRECTIONS, type FaultDirection, type NetworkFault } from "../proxy/network-fault.ts";
import {
  formatDuration,
  formatShare,
  formatSize,
  readDurationMs,
  readFraction,
  readSizeBytes,
} from "../units.ts";
import { type EventSite, type OwnCluster, ofMember, type ProxyControl } from "./definition.ts";
import {
  checkChoice,
  chosenMember,
  claimsOf,
  isMemberChoice,
  MEMBER_USAGE,
  namesOf,
} from "./member-choice.ts";
import { ownContext, type TimedEvent } from "./timed-event.ts";

const SIDES = ["client", "peer"] as const;
type Side = (typeof SIDES)[number];

interface ReadFault {
  fault: NetworkFault;
  /** The words that say how much, as they are written back. */
  text: readonly string[];
}

interface NetworkEvent {
  kind: NetworkFault["kind"];
  mark: string;
  noun: string;
  /** How much, as help and errors show it: `LATENCY [JITTER]`. */
  amount: string;
  /** Null: the words say no amount of it. */
  read(words: readonly string[]): ReadFault | null;
}

function networkEvent({ kind, mark, noun, amount, read }: NetworkEvent): TimedEvent {
  const usage = `client|peer [tx|rx] of ${MEMBER_USAGE}${amount === "" ? "" : ` ${amount}`}`;
  return {
    kind: {
      ...{ kind, mark, changesLeader: true },
      describe: ofMember(noun),
    },
    ...{ verb: kind, usage, lasts: true, needsOwnCluster: true },
    read(given) {
      const match = /^(client|peer)(?:\s+(tx|rx))?\s+of\s+(\S+)(.*)$/.exec(given);
      if (match === null) return null;
      const [, side, direction, choice, rest] = match as unknown as [
        ...[string, Side, FaultDirection | undefined, string, string],
      ];
      const words = rest.trim() === "" ? [] : rest.trim().split(/\s+/);
      const read_ = read(words);
      if (!isMemberChoice(choice) || read_ === null) return null;
      const { fault, text } = read_;
      const directions = direction === undefined ? DIRECTIONS : [direction];
      const place = direction === undefined ? side : `${side} ${direction}`;
      return {
        text: [place, "of", choice, ...text].join(" "),
        names: namesOf(choice),
        claims: directions.flatMap((each) => claimsOf(choice, `${kind} of ${side} ${each}`)),
        check(site) {
          checkProxies(site);
          checkChoice(choice, site);
        },
        async *actions(context, lastsMs) {
          const { cluster } = ownContext(context);
          const { name } = await chosenMember(choice, context);
          const proxy = proxyOf(cluster, name)[side];
          yield {
            ...{ member: name, revision: null },
            begin: () => setAll(proxy, directions, fault),
            end: { lastsMs, putRight: () => clearAll(proxy, directions, kind) },
          };
        },
      };
    },
  };
}

/** All directions, or none. @throws BenchError with the proxy's words */
export async function setAll(
  proxy: ProxyControl,
  directions: readonly FaultDirection[],
  fault: NetworkFault,
): Promise<void> {
  try {
    for (const direction of directions) await proxy.set(direction, fault);
  } catch (cause) {
    await clearAll(proxy, directions, fault.kind);
    throw usageError((cause as Error).message, cause);
  }
}

/** @throws BenchError with the proxy's words */
export async function clearAll(
  proxy: ProxyControl,
  directions: readonly FaultDirection[],
  kind: NetworkFault["kind"],
): Promise<void> {
  try {
    for (const direction of directions) await proxy.clear(direction, kind);
  } catch (cause) {
    throw usageError((cause as Error).message, cause);
  }
}

/** @throws BenchError (usage) where a cluster was started without proxies */
export function checkProxies({ cluster }: EventSite): void {
  for (const { name } of cluster?.members ?? []) {
    if (cluster!.proxies(name) === null) throw withoutProxies();
  }
}

export function proxyOf(
  cluster: OwnCluster,
  name: string,
): NonNullable<ReturnType<OwnCluster["proxies"]>> {
  const proxies = cluster.proxies(name);
  if (proxies === null) throw withoutProxies();
  return proxies;
}

function withoutProxies(): Error {
  return usageError(
    "it needs fault proxies: add --proxied to --local, or start the cluster with bench cluster start --proxied",
  );
}

/** `20ms`, or `20ms 5ms` with the largest difference from it. */
export const DELAY = networkEvent({
  ...{ kind: "delay", mark: "T", noun: "network delay", amount: "LATENCY [JITTER]" },
  read([latency = "", jitter = "0ms", ...more]) {
    const [latencyMs, jitterMs] = [readDurationMs(latency), readDurationMs(jitter)];
    if (latencyMs === null || jitterMs === null || latencyMs <= 0 || more.length > 0) return null;
    if (jitterMs > latencyMs) return null;
    const text = jitterMs === 0 ? [latencyMs] : [latencyMs, jitterMs];
    return { fault: { kind: "delay", latencyMs, jitterMs }, text: text.map(formatDuration) };
  },
});

/** The share of new connections that are refused. */
export const LOSS = networkEvent({
  ...{ kind: "loss", mark: "O", noun: "loss of connections", amount: "SHARE" },
  read: ([given = "", ...more]) => {
    const probability = readShare(given);
    if (probability === null || more.length > 0) return null;
    return { fault: { kind: "loss", probability }, text: [formatShare(probability)] };
  },
});

export const BANDWIDTH = networkEvent({
  ...{ kind: "bandwidth", mark: "B", noun: "limit of bandwidth", amount: "SIZE/s" },
  read([given = "", ...more]) {
    const bytesPerSecond = given.endsWith("/s") ? readSizeBytes(given.slice(0, -2)) : null;
    if (bytesPerSecond === null || bytesPerSecond < 1 || more.length > 0) return null;
    return {
      fault: { kind: "bandwidth", bytesPerSecond },
      text: [`${formatSize(bytesPerSecond).replace(/\d$/, "$&B")}/s`],
    };
  },
});

/** Of all connections, or of a share. */
export const RESET = networkEvent({
  ...{ kind: "reset", mark: "Z", noun: "reset of connections", amount: "[SHARE]" },
  read: (words) => shareOfConnections("reset", words),
});

export const BLACKHOLE = networkEvent({
  ...{ kind: "blackhole", mark: "H", noun: "blackhole", amount: "[SHARE]" },
  read: (words) => shareOfConnections("blackhole", words),
});

function shareOfConnections(
  kind: "reset" | "blackhole",
  [given, ...more]: readonly string[],
): ReadFault | null {
  if (given === undefined) return { fault: { kind }, text: [] };
  const probability = readShare(given);
  if (probability === null || more.length > 0) return null;
  return { fault: { kind, probability }, text: [formatShare(probability)] };
}

/** Above 0, at most 1. */
function readShare(text: string): number | null {
  const share = readFraction(text);
  return share === null || share <= 0 || share > 1 ? null : share;
}
