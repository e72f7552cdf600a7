/** Reads `--a-...` and `--b-...` into the flags of one arm. */
import type { ArmFlags, ArmName } from "../../ab/arms.ts";
import { BenchError, usageError } from "../../errors.ts";
import { AGENT_FLAGS } from "../../flags/agents.ts";
import { type FlagGroup, type GivenFlags, readFlags } from "../../flags/flag.ts";
import { ARM_FLAGS } from "../../flags/pairs.ts";
import { shellWords } from "../../shell-words.ts";
import { readArgv } from "../argv/argv.ts";
import { flagValues } from "../argv/flag-values.ts";
import type { Command } from "../command.ts";

/** Flags of these groups may differ between arms; outputs are of the whole session. */
const GROUPS_OF_AN_ARM: ReadonlySet<FlagGroup> = new Set(["Target:", "Load:", "Workload:"]);

/** Both arms have the same agents. */
const OF_BOTH_ARMS: ReadonlySet<string> = new Set(
  Object.values(AGENT_FLAGS).map(({ name }) => name),
);

/** `command` is ab with the workload after it. */
export function armFlagsOf(name: ArmName, command: Command, given: GivenFlags): ArmFlags {
  const own: ArmFlags = {};
  const { etcd, endpoints, args, flags: ofWorkload } = readFlags(ARM_FLAGS[name], given);
  if (etcd !== null) own.etcd = etcd;
  if (endpoints !== null) own.endpoints = endpoints;
  if (args !== null) own.args = shellWords(`--${name}-args`, args);
  if (ofWorkload !== null) own.flags = workloadFlags(`--${name}-flags`, ofWorkload, command);
  return own;
}

function workloadFlags(flag: string, text: string, command: Command): GivenFlags {
  const words = shellWords(flag, text);
  if (words.length === 0) {
    throw usageError(`${flag} holds no flag, e.g. ${flag}='--conns=100'; leave it out`);
  }
  try {
    // The command alone, without another after it: the words hold none.
    const alone = { ...command, inner: undefined };
    const read = readArgv([command.name, ...words], [alone]);
    if (read.kind !== "run") throw usageError(`--${read.kind} is no flag of an arm`);
    const groupOf = (name: string) => command.flags.find((each) => each.name === name)!.group;
    const shared = read.flags.find(
      ({ name }) => !GROUPS_OF_AN_ARM.has(groupOf(name)) || OF_BOTH_ARMS.has(name),
    );
    if (shared !== undefined) {
      throw usageError(`--${shared.name} is of both arms; give it outside ${flag}`);
    }
    const [word] = read.positionals;
    if (word !== undefined) {
      throw usageError(`${JSON.stringify(word)} is no flag; arguments are of both arms`);
    }
    return flagValues({ ...read, command });
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    throw usageError(`${flag}: ${cause.message}`, cause);
  }
}
