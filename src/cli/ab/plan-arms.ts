/** Plans both arms of `bench ab` from its command line: endpoints are found first, then plans made. */
import { type Arm, type ArmFlags, type ArmName, armsFromFlags } from "../../ab/arms.ts";
import { BenchError, usageError } from "../../errors.ts";
import type { GivenFlags } from "../../flags/flag.ts";
import { plannedSeries } from "../../run/prepare.ts";
import { environment } from "../argv/environment.ts";
import type { Command } from "../command.ts";
import { planWithAgents } from "../measure/agents.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import { AB_FLAGS } from "./ab-flags.ts";
import { armFlagsOf } from "./arm-flags.ts";

export interface PlannedArms {
  arms: Record<ArmName, Arm>;
  /** The series that the runs of both will have; those of members do not have their names. */
  operations: string[];
  /** The environment, with what was found for its variables. */
  env: NodeJS.ProcessEnv;
  notes: string[];
}

/** @throws BenchError (usage) that names the flag */
export async function planArms(
  workload: string,
  command: Command,
  given: GivenFlags,
  positionals: readonly string[],
): Promise<PlannedArms> {
  const discovery = new EndpointDiscovery();
  const ofArms = {
    shared: await discovery.flags(given),
    a: await discoveredArm("a", armFlagsOf("a", command, given), discovery),
    b: await discoveredArm("b", armFlagsOf("b", command, given), discovery),
  };
  const env = await discovery.variablesFor(flagsOfAll(ofArms), environment());
  // With --strict each run alone would be held to its own verdict.
  const shared = { ...ofArms.shared, strict: false };
  const isCanary = AB_FLAGS.isCanary.read(given);
  const planned = armsFromFlags(
    { command: workload, positionals, ...ofArms, shared, isCanary },
    env,
  );
  const withAgents = (arm: Arm): Arm => ({ ...arm, plan: planWithAgents(arm.plan, given) });
  const arms = { a: withAgents(planned.a), b: withAgents(planned.b) };
  const operations = await commonOperations(arms);
  return { arms, operations, env, notes: notesOf(arms, isCanary) };
}

async function discoveredArm(
  name: ArmName,
  own: ArmFlags,
  discovery: EndpointDiscovery,
): Promise<ArmFlags> {
  if (own.flags === undefined) return own;
  try {
    return { ...own, flags: await discovery.flags(own.flags) };
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    throw new BenchError(`--${name}-flags: ${cause.message}`, cause.exitCode, { cause });
  }
}

/** Whether anything names an etcd: a variable then names none. */
function flagsOfAll({ shared, a, b }: { shared: GivenFlags; a: ArmFlags; b: ArmFlags }) {
  const startsClusters = [a, b].some(
    ({ etcd, args, flags }) =>
      etcd !== undefined || args !== undefined || flags?.local !== undefined,
  );
  const areNamed = [a, b].every(
    ({ endpoints, flags }) => (endpoints ?? flags?.endpoints) !== undefined,
  );
  return {
    ...shared,
    ...(startsClusters ? { local: "1" } : {}),
    ...(areNamed ? { endpoints: "" } : {}),
  };
}

/** @throws BenchError (usage) where there is none: nothing could be compared after the first pair */
async function commonOperations({ a, b }: Record<ArmName, Arm>): Promise<string[]> {
  const [ofA, ofB] = [await operationsOf(a), await operationsOf(b)];
  const common = ofA.filter((name) => ofB.includes(name));
  if (common.length > 0) return common;
  throw usageError(
    `arm a measures ${ofA.join(", ")}, and arm b measures ${ofB.join(", ")}: give both arms the ` +
      "flags of an operation that they have in common",
  );
}

/** Of a cluster that is not looked at yet: its members are known by their places. */
function operationsOf({ plan }: Arm): Promise<readonly string[]> {
  const { target } = plan;
  const members = target.local?.members ?? target.endpoints.length;
  const endpoints = Array.from({ length: members }, (_, at) => `127.0.0.1:${at + 1}`);
  return plannedSeries(
    { ...plan, target: { ...target, endpoints } },
    { endpoints, clusterId: null, version: null, members: [], notes: [] },
  );
}

function notesOf({ a, b }: Record<ArmName, Arm>, isCanary: boolean): string[] {
  const areSame = JSON.stringify([a.plan, a.flags.etcd]) === JSON.stringify([b.plan, b.flags.etcd]);
  const same =
    areSame && !isCanary
      ? ["a and b are the same; with --canary the report states this, too, and shows the noise"]
      : [];
  return [...new Set([...a.notes, ...b.notes, ...same])];
}
