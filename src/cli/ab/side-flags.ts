/** Owns the reading of `--a-...` and `--b-...` into what one side has of its own. */
import type { SideFlags } from "../../ab/sides.ts";
import type { SideName } from "../../ab/turns.ts";
import { BenchError, usageError } from "../../errors.ts";
import type { PlanFlags } from "../../plan/plan-flags.ts";
import { readArgv } from "../argv/argv.ts";
import { flagValues } from "../argv/flag-values.ts";
import { shellWords } from "../argv/shell-words.ts";
import type { Command, FlagValues } from "../command.ts";
import type { FlagSpec } from "../flags/flag-spec.ts";

/** What makes a run, and not what becomes of it, may be another for each side. */
const GROUPS_OF_A_SIDE: ReadonlySet<FlagSpec["group"]> = new Set(["Target:", "Load:", "Workload:"]);

/** `command` is ab with the workload behind it. */
export function sideFlagsOf(name: SideName, command: Command, flags: FlagValues): SideFlags {
  const own: SideFlags = {};
  const text = (flag: string) => flags[`${name}-${flag}`] as string | undefined;
  const etcd = text("etcd");
  const endpoints = text("endpoints");
  const args = text("args");
  const ofWorkload = text("flags");
  if (etcd !== undefined) own.etcd = etcd;
  if (endpoints !== undefined) own.endpoints = endpoints;
  if (args !== undefined) own.args = shellWords(`--${name}-args`, args);
  if (ofWorkload !== undefined) own.flags = workloadFlags(`--${name}-flags`, ofWorkload, command);
  return own;
}

function workloadFlags(flag: string, text: string, command: Command): PlanFlags {
  const words = shellWords(flag, text);
  if (words.length === 0) {
    throw usageError(`${flag} holds no flag, e.g. ${flag}='--conns=100'; leave it out`);
  }
  try {
    // The command alone, without another behind it: the words hold none.
    const alone = { ...command, inner: undefined };
    const read = readArgv([command.name, ...words], [alone]);
    if (read.kind !== "run") throw usageError(`--${read.kind} is no flag of a side`);
    const groupOf = (name: string) => command.flags.find((each) => each.name === name)!.group;
    const shared = read.flags.find(({ name }) => !GROUPS_OF_A_SIDE.has(groupOf(name)));
    if (shared !== undefined) {
      throw usageError(`--${shared.name} is of both sides; give it beside ${flag}`);
    }
    const [word] = read.positionals;
    if (word !== undefined) {
      throw usageError(`${JSON.stringify(word)} is no flag; arguments are of both sides`);
    }
    return flagValues({ ...read, command });
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    throw usageError(`${flag}: ${cause.message}`, cause);
  }
}
