/** Prints what a command would measure, and how long that takes, in place of measuring it. */
import { EXIT } from "../../errors.ts";
import type { GivenFlags } from "../../flags/flag.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { aroundRunMs, describeEstimate, estimateRun, sumOf } from "../../suite/estimate.ts";
import { formatNoun } from "../../text/noun.ts";
import { commandLineOf } from "../../workloads/catalogue.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { checkTargets } from "../suite/targets.ts";

/** Checks what the run needs too. Resolves to the exit code. */
export async function dryRun(plan: RunPlan, flags: GivenFlags): Promise<number> {
  await checkTargets([{ plan, preparePlans: [], flags, etcdFlag: "--etcd", placeOf: () => null }]);
  await writeStandardOutput(`${dryRunLines(plan).join("\n")}\n`, false);
  return EXIT.done;
}

/** The command line of the plan, its etcd, and the time that it takes; a line each. */
export function dryRunLines(plan: RunPlan): string[] {
  const estimate = estimateRun(plan, { earlierMs: null, expectMs: null });
  const time = describeEstimate(sumOf([{ estimate, aroundMs: aroundRunMs(plan, true) }]));
  return [commandLineOf(plan), `etcd: ${etcdText(plan)}`, `time: ${time}`];
}

function etcdText({ target: { local, endpoints } }: RunPlan): string {
  if (local === null) return endpoints.join(", ");
  const args = local.serverArgs.length === 0 ? "" : `, with ${local.serverArgs.join(" ")}`;
  return `a temporary cluster of ${formatNoun(local.members, "member")}${args}`;
}
