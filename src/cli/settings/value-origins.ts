/**
 * Finds what gave the values that are not on the command line, and names it in errors about them: a
 * file, a BENCH_* or ETCDCTL_* variable, or a flag that gives several, such as --discovery-srv.
 */
import type { Flag, GivenFlags } from "../../flags/flag.ts";
import { ACCESS_FLAGS, TARGET_FLAGS } from "../../flags/target.ts";
import { variableOf } from "../../plan/access-from-flags.ts";
import type { Command } from "../command.ts";

const { endpoints, discoverySrv, discoverySrvName, cluster } = TARGET_FLAGS;
/** etcdctl's variables of these are read where nothing else gives them. */
const READ_AS_ETCDCTL: readonly Flag[] = [
  endpoints,
  discoverySrv,
  discoverySrvName,
  ...Object.values(ACCESS_FLAGS),
];
const NAMES_ETCD: readonly Flag[] = [endpoints, discoverySrv, discoverySrvName];

export interface ValueOrigin {
  /** `bench.yaml:3:8`, `BENCH_CONNS`, `ETCDCTL_ENDPOINTS` or `--discovery-srv`. */
  origin: string;
  /** As it was written there; null: it follows from what was. */
  text: string | null;
}

/** etcdctl's variables that the command reads, by the names of their flags. */
export function etcdctlVariables(
  command: Command,
  flags: GivenFlags,
  env: NodeJS.ProcessEnv,
): ReadonlyMap<string, string> {
  const isNamed = NAMES_ETCD.some(({ name }) => flags[name] !== undefined);
  if (flags.local !== undefined || flags[cluster.name] !== undefined) return new Map();
  return new Map(
    READ_AS_ETCDCTL.filter(
      (flag) =>
        flags[flag.name] === undefined &&
        Boolean(env[variableOf(flag)]) &&
        !(isNamed && NAMES_ETCD.includes(flag)) &&
        command.flags.some(({ name }) => name === flag.name),
    ).map((flag) => [flag.name, variableOf(flag)]),
  );
}

/** By the name of a flag. @param origins of those that a file or a BENCH_* variable gives */
export function valueOrigins(
  command: Command,
  flags: GivenFlags,
  origins: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
): ReadonlyMap<string, ValueOrigin> {
  const found = new Map<string, ValueOrigin>();
  const variables = etcdctlVariables(command, flags, env);
  for (const [name, origin] of variables) found.set(name, { origin, text: env[origin]! });
  for (const [name, origin] of origins) {
    const value = flags[name];
    found.set(name, { origin, text: typeof value === "string" ? value : null });
  }
  for (const { name } of [discoverySrv, cluster]) {
    const isGiven = flags[name] !== undefined || variables.has(name);
    const origin = origins.get(name) ?? variables.get(name) ?? `--${name}`;
    if (isGiven && flags.endpoints === undefined) found.set(endpoints.name, { origin, text: null });
  }
  return found;
}

/** The message, with the origin of each flag after the first place that names it. */
export function withOrigins(message: string, found: ReadonlyMap<string, ValueOrigin>): string {
  let told = message;
  for (const [name, { origin, text }] of found) {
    const mention = name === endpoints.name ? endpointMention(message, text) : mentionOf(name);
    if (mention !== null) told = told.replace(mention, (words) => `${words} (from ${origin})`);
  }
  return told;
}

/** A value further on is one that the message advises. */
function mentionOf(name: string): RegExp {
  return new RegExp(`^--${name}=[^\\s;]*[^\\s;:,.]|(?<![\\w-])--${name}(?![\\w=-])`);
}

/**
 * The flag, or the endpoint itself. One in a message may come from elsewhere: from a suite, or from an
 * arm's own flag.
 * @param text the list; null: it is not known
 */
function endpointMention(message: string, text: string | null): RegExp | null {
  const [, isOfFlag, named] = /(--endpoints:?| at) (\S+:\d+)/.exec(message) ?? [];
  if (named === undefined)
    return text !== null || /^--endpoints/.test(message) ? mentionOf(endpoints.name) : null;
  const hosts = text?.split(",").map((item) =>
    item
      .trim()
      .replace(/^\w+:\/\//, "")
      .toLowerCase(),
  );
  if (hosts !== undefined && !hosts.includes(named)) return null;
  return isOfFlag === " at" ? / at \S+:\d+/ : mentionOf(endpoints.name);
}
