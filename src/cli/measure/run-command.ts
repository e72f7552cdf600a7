/**
 * Carries out a command that measures: everything that can be wrong is found first, then a local etcd
 * is started if asked for, and the run is made.
 */
import { EXIT } from "../../errors.ts";
import { readFlags } from "../../flags/flag.ts";
import { KEEP_FLAGS, PRINT_FLAGS } from "../../flags/output.ts";
import { leftKeysHint } from "../../run/left-keys-hint.ts";
import { checkBeforeTarget } from "../../run/prepare/before-target.ts";
import type { ProfileFile } from "../../run/profiles.ts";
import { type Invocation, planFromFlags } from "../../workloads/catalogue.ts";
import { environment } from "../argv/environment.ts";
import { carryOut } from "../carry-out.ts";
import { reportFailure } from "../failure.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { liveDisplayFor } from "../live/live-display.ts";
import { deliverResults, prepareDestination } from "../output/deliver-results.ts";
import { checkCoordination, planWithAgents, usingAgents } from "./agents.ts";
import { EndpointDiscovery } from "./discovery.ts";
import { keepProfiles } from "./keep-profiles.ts";
import { openStreams, splitOutputs } from "./streams.ts";
import { openTarget, planFor, type Target } from "./target.ts";

/** Resolves to the exit code. Throws a BenchError where the run could not be carried out. */
export async function runCommand(invocation: Invocation): Promise<number> {
  const given = readFlags({ ...PRINT_FLAGS, ...KEEP_FLAGS }, invocation.flags);
  const { output, receivers } = splitOutputs(given.output);
  const flags = { ...given, output };
  const discovery = new EndpointDiscovery();
  const discovered = await discovery.flags(invocation.flags);
  const env = await discovery.variablesFor(discovered, environment());
  const { plan: planned, notes } = planFromFlags({ ...invocation, flags: discovered }, env);
  const plan = planWithAgents(planned, invocation.flags);
  await checkCoordination(invocation.flags);
  await checkBeforeTarget(plan);
  const destination = await prepareDestination(flags, { command: invocation.command });
  // Of a search each step has its line; the phases of all would be too much for a log.
  const display = await liveDisplayFor(flags, plan.search === null ? 1 : Number.POSITIVE_INFINITY);
  for (const note of notes) display.say(`note: ${note}`);
  if (flags.isDryRun) {
    const { dryRun } = await import("./dry-run.ts");
    return dryRun(plan, invocation.flags);
  }
  const interrupts = listenForInterrupts(display.say);
  const streams = await openStreams({ ...flags, receivers, say: display.say });
  let target: Target | null = null;
  try {
    const opened = await openTarget(plan, discovered, env, display.say);
    target = opened;
    const targetPlan = planFor(plan, opened);
    const { endpoints } = targetPlan.target;
    const { access } = opened;
    const asked = {
      ...{ given: discovered, plans: [targetPlan], say: display.say, interrupts },
      targets: async () => [{ endpoints, access }],
    };
    const controls = { onProgress: display.update, say: display.say, stop: interrupts.signal };
    const profiles: ProfileFile[] = [];
    const { results, failure } = await usingAgents(asked, (workers) => {
      interrupts.runBegins();
      return carryOut(targetPlan, {
        ...controls,
        ...workers,
        observers: [...display.observers, ...streams.observers],
        onProfiles: (files) => profiles.push(...files),
        target: opened,
      });
    }).finally(display.end);
    await streams.end({ kind: "results", results }, interrupts.signal);
    interrupts.outputsBegin();
    const { exitCode, savedIn } = await deliverResults(results, destination, flags, display);
    const unwritten = await keepProfiles(profiles, savedIn, display.say);
    if (unwritten !== null) return reportFailure(unwritten);
    const hint = await leftKeysHint(plan, results, savedIn, { isSaving: flags.save !== null });
    if (hint !== null) display.say(hint);
    if (plan.search !== null && interrupts.signal.aborted) return EXIT.interrupted;
    return failure === null ? exitCode : reportFailure(failure);
  } finally {
    await streams.close(interrupts.signal);
    await target?.stop();
    interrupts.dispose();
  }
}
