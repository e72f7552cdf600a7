/** Carries out `bench cluster add|promote|remove|replace|move-leader`. */
import { EXIT, usageError } from "../../errors.ts";
import { peerUrlOf } from "../../etcd/local-cluster/member-process.ts";
import type { NamedCluster } from "../../etcd/named-cluster/named-cluster.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { ADD_FLAGS, NAME_FLAGS } from "./cluster-flags.ts";
import { openCluster, openMember, readWord } from "./open-cluster.ts";

/** @param word MEMBER, CLUSTER/MEMBER or CLUSTER */
export async function addMember(given: GivenFlags, word: string | undefined): Promise<number> {
  const flags = readFlags(ADD_FLAGS, given);
  const { name, member: wanted } = readWord(word, flags.name);
  const cluster = await openCluster(name);
  const { isLearner } = flags;
  const member = await cluster.add({ isLearner, ...(wanted !== null && { name: wanted }) });
  const kind = isLearner ? "learner" : "member";
  await writeStandardOutput(
    `${member.name}: added as a ${kind} at ${member.endpoint}, pid ${member.pid}`,
  );
  return EXIT.done;
}

/** @param word a member's name, or its id in hex, also as CLUSTER/MEMBER */
export async function changeMember(
  command: "promote" | "remove" | "replace" | "move-leader",
  given: GivenFlags,
  word: string,
): Promise<number> {
  const flags = readFlags(NAME_FLAGS, given);
  const { cluster, member } = await openMember(command, word, flags.name);
  const { name, id } = await memberOf(cluster, member);
  switch (command) {
    case "remove":
      await cluster.remove(name);
      await writeStandardOutput(`${name}: removed, with its data`);
      break;
    case "replace":
      await cluster.replace(name);
      await writeStandardOutput(`${name}: replaced by one with empty data`);
      break;
    case "promote":
      await cluster.membership.promote(name, id);
      await writeStandardOutput(`${name}: votes`);
      break;
    case "move-leader":
      await cluster.membership.moveLeader(name, id);
      await writeStandardOutput(`${name}: leads`);
      break;
  }
  return EXIT.done;
}

async function memberOf(
  cluster: NamedCluster,
  wanted: string,
): Promise<{ name: string; id: string }> {
  const listed = await cluster.membership.members();
  const withIds = cluster.memberProcesses.map(({ name, settings }) => {
    const own = listed.find(({ peerUrls }) => peerUrls.includes(peerUrlOf(settings)));
    return { name, procfileName: settings.procfile?.name, id: own?.id ?? "" };
  });
  const found = withIds.find((each) => [each.name, each.procfileName, each.id].includes(wanted));
  if (found !== undefined) return found;
  const known = withIds.map(({ name, id }) => `${name} (${id})`).join(", ");
  throw usageError(
    `${JSON.stringify(wanted)} is no member of ${cluster.name}; give one of ${known}`,
  );
}
