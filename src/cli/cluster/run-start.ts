/** Carries out `bench cluster start`. */
import { EXIT, flagError, usageError } from "../../errors.ts";
import { findEtcd } from "../../etcd/etcd-binary/find.ts";
import { describeSecurity } from "../../etcd/local-cluster.ts";
import { startNamedCluster } from "../../etcd/named-cluster/start.ts";
import { readProcfile } from "../../etcd/procfile/procfile.ts";
import { type GivenFlags, isGiven, readFlags } from "../../flags/flag.ts";
import { formatNoun } from "../../text/noun.ts";
import { environment } from "../argv/environment.ts";
import { writeStandardError, writeStandardOutput } from "../output/standard-output.ts";
import { DEFAULT_NAME, START_FLAGS } from "./cluster-flags.ts";
import { nameFrom } from "./open-cluster.ts";

/** @param words the cluster's name, where --name does not give it, and what came after `--` */
export async function runStart(given: GivenFlags, words: readonly string[]): Promise<number> {
  const flags = readFlags(START_FLAGS, given);
  const isNamed = words[0]?.startsWith("-") === false;
  const etcdFlags = isNamed ? words.slice(1) : words;
  const { etcd, etcdVersion, tls, auth, size, dataDir } = flags;
  const [first] = etcdFlags;
  if (first !== undefined && !first.startsWith("-")) {
    throw usageError(
      `${JSON.stringify(first)}: flags of etcd come after -- and begin with dashes, e.g. -- --snapshot-count=1000`,
    );
  }
  if (etcd !== null && etcdVersion !== null) {
    throw flagError(
      "etcd-version",
      "--etcd and --etcd-version exclude each other: give one of them",
    );
  }
  refuseNextToProcfile(given, etcdFlags);
  const say = (line: string) => writeStandardError(`${line}\n`);
  const name = nameFrom(isNamed ? words[0] : undefined, flags.name) ?? DEFAULT_NAME;
  const cluster = await startNamedCluster({
    name,
    env: environment(),
    binary: () =>
      findEtcd({ explicitPath: etcd ?? undefined, version: etcdVersion ?? undefined, say }),
    members: size,
    security: { tls, auth },
    extraArgs: etcdFlags,
    grpcProxies: flags.grpcProxies ?? 0,
    hasLearner: flags.hasLearner,
    isProxied: flags.isProxied,
    discovery: flags.discovery,
    dataDir,
    procfile:
      flags.procfile === null ? null : readProcfile(flags.procfile, flags.renamesDuplicates),
    say,
  });
  const { members, state } = cluster;
  const of = state.procfile === null ? `etcd ${state.etcd.version}` : state.procfile;
  const lines = [
    `cluster ${name}: ${formatNoun(members.length, "member")} of ${of}${describeSecurity({ tls, auth })}`,
    ...members.map((member) => `  ${member.name}  ${member.endpoint}  pid ${member.pid}`),
    ...cluster.helpers.map(({ name: helper, pid, settings: { endpoint } }) => {
      return `  ${helper}${endpoint === null ? "" : `  ${endpoint}`}  pid ${pid}`;
    }),
    `measure it: bench put --cluster=${name}; end it: bench cluster down ${name}`,
  ];
  await writeStandardOutput(lines.join("\n"));
  return EXIT.done;
}

/** A Procfile says itself what the members are. */
function refuseNextToProcfile(given: GivenFlags, etcdFlags: readonly string[]): void {
  const { procfile, renamesDuplicates, name, etcd, etcdVersion, ...others } = START_FLAGS;
  if (!isGiven(given, procfile)) return;
  const other = Object.values(others).find((flag) => isGiven(given, flag));
  if (other === undefined && etcdFlags.length === 0) return;
  const named = other === undefined ? "flags of etcd" : `--${other.name}`;
  throw flagError(
    procfile.name,
    `-f and ${named} exclude each other: the Procfile has the flags of its members; leave one out`,
  );
}
