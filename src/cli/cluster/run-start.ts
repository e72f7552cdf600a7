/** Carries out `bench cluster start`. */
import { EXIT, flagError, usageError } from "../../errors.ts";
import { findEtcd } from "../../etcd/etcd-binary/find.ts";
import { describeSecurity } from "../../etcd/local-cluster.ts";
import { startNamedCluster } from "../../etcd/named-cluster/start.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { formatNoun } from "../../text/noun.ts";
import { environment } from "../argv/environment.ts";
import { writeStandardError, writeStandardOutput } from "../output/standard-output.ts";
import { DEFAULT_NAME, START_FLAGS } from "./cluster-flags.ts";

/** @param etcdFlags what came after `--` */
export async function runStart(given: GivenFlags, etcdFlags: readonly string[]): Promise<number> {
  const flags = readFlags(START_FLAGS, given);
  const { etcd, etcdVersion, tls, auth, size, dataDir } = flags;
  const [first] = etcdFlags;
  if (first !== undefined && !first.startsWith("-")) {
    throw usageError(
      `${JSON.stringify(first)}: a cluster's name is given by --name, and flags of etcd come after --, e.g. -- --snapshot-count=1000`,
    );
  }
  if (etcd !== null && etcdVersion !== null) {
    throw flagError(
      "etcd-version",
      "--etcd and --etcd-version exclude each other: give one of them",
    );
  }
  const say = (line: string) => writeStandardError(`${line}\n`);
  const name = flags.name ?? DEFAULT_NAME;
  const cluster = await startNamedCluster({
    name,
    env: environment(),
    binary: () =>
      findEtcd({ explicitPath: etcd ?? undefined, version: etcdVersion ?? undefined, say }),
    members: size,
    security: { tls, auth },
    extraArgs: etcdFlags,
    dataDir,
    say,
  });
  const { members, state } = cluster;
  const lines = [
    `cluster ${name}: ${formatNoun(members.length, "member")} of etcd ${state.etcd.version}${describeSecurity({ tls, auth })}`,
    ...members.map((member) => `  ${member.name}  ${member.endpoint}  pid ${member.pid}`),
    `measure it: bench put --cluster=${name}; end it: bench cluster down --name=${name}`,
  ];
  await writeStandardOutput(lines.join("\n"));
  return EXIT.done;
}
