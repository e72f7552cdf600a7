/** Carries out `bench memory`: opens the etcd, measures, prints the report and gives the exit code. */

import { EXIT } from "../../errors.ts";
import { readBackendRoom } from "../../etcd/backend-room.ts";
import { ControlClient, ControlError } from "../../etcd/control-client.ts";
import { controlFault } from "../../etcd/control-fault.ts";
import type { OpenFilesPlan } from "../../etcd/open-files.ts";
import { openAccess } from "../../etcd/token-source.ts";
import { type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { LOCAL_SERVER_ARGS, measureMemory } from "../../memory/measure.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { targetOf } from "../../plan/target-from-flags.ts";
import { DEFAULT_QUOTA_BYTES } from "../../run/prepare/quota.ts";
import { dataWithoutSecrets } from "../../text/secrets.ts";
import { environment } from "../argv/environment.ts";
import { reportFailure } from "../failure.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import { openTarget } from "../measure/target.ts";
import { displayFor, toStandardOutput } from "../output/deliver-results.ts";
import { checkWritable, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { MEMORY_FLAGS } from "./memory-flags.ts";
import { checkMemoryConnections, checkMemoryRoom, connectionsFlag } from "./room.ts";

type Flags = Read<typeof MEMORY_FLAGS>;

/** Resolves to the exit code. @throws BenchError where nothing could be measured */
export async function runMemory(asGiven: GivenFlags): Promise<number> {
  const flags = readFlags(MEMORY_FLAGS, asGiven);
  const discovery = new EndpointDiscovery();
  const given = await discovery.flags(asGiven);
  const env = await discovery.variablesFor(given, environment());
  const outputs = parseOutputs(flags.output, "table", "memory");
  await checkWritable(outputs, null);
  const display = displayFor(flags);
  const note = (line: string) => display.say(`note: ${line}`);
  const plan = withServerArgs(targetOf(readFlags(TARGET_FLAGS, given), given, env, note));
  const empty = { member: "etcd1", quotaBytes: DEFAULT_QUOTA_BYTES, sizeBytes: 0, inUseBytes: 0 };
  if (plan.local !== null) checkMemoryRoom(flags, [empty]);
  const interrupts = listenForInterrupts(display.say);
  const target = await openTarget({ target: plan, ...loadOf(flags) }, given, env, display.say);
  const endpoints = target.endpoints ?? plan.endpoints;
  const endpoint = endpoints[0]!;
  // A token of one member is one of all.
  const access = openAccess(endpoints, target.access);
  try {
    interrupts.runBegins();
    const scheme = access.tls === null ? "http" : "https";
    const { totals, steps, settleMs, keySizeBytes, valSizeBytes } = flags;
    const report = await measureMemory(
      {
        ...{ totals, steps, settleMs, keySizeBytes, valSizeBytes },
        member: { endpoint, access },
        metricsUrl:
          (target.metricsEndpoints ?? plan.metricsEndpoints)?.[0] ?? `${scheme}://${endpoint}`,
        profilesUrl: `${scheme}://${endpoint}`,
        isLocal: plan.local !== null,
        checkMembers: async (members) => {
          const { metricsEndpoints } = plan;
          checkMemoryRoom(flags, await readBackendRoom(members, metricsEndpoints, access));
          await checkMemoryConnections(flags, members, { metricsEndpoints, access });
        },
      },
      { say: display.say, onProgress: progressOf(display.say, flags), stop: interrupts.signal },
    );
    interrupts.outputsBegin();
    const subject = { kind: "memory", report: dataWithoutSecrets(report) } as const;
    const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
    for (const failure of failures) reportFailure(failure);
    if (report.status === "interrupted") return EXIT.interrupted;
    return failures.length > 0 ? EXIT.failed : EXIT.done;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const what = "what things cost etcd in memory could not be measured";
    const client = new ControlClient(plan.endpoints, { access });
    try {
      throw await controlFault(
        what,
        error,
        plan.local === null ? { client, tls: access.tls } : null,
      );
    } finally {
      client.close();
    }
  } finally {
    access.tokens?.close();
    await target.stop();
    interrupts.dispose();
  }
}

function withServerArgs(target: RunPlan["target"]): RunPlan["target"] {
  const { local } = target;
  return local === null
    ? target
    : { ...target, local: { ...local, serverArgs: LOCAL_SERVER_ARGS } };
}

/** What it opens, for the check of open files. */
function loadOf({ totals }: Flags): Pick<OpenFilesPlan, "load" | "connectionsFlag"> {
  const connections = totals.get("connection") ?? 0;
  return { load: { workers: 0, connections }, connectionsFlag: connectionsFlag(connections) };
}

/** A line for each thing: steps are short. */
function progressOf(
  say: (line: string) => void,
  { noProgress }: Pick<Flags, "noProgress">,
): (what: string, fraction: number) => void {
  let shown = "";
  return (what, fraction) => {
    if (noProgress || what === shown) return;
    shown = what;
    say(`adding ${what} (${Math.round(fraction * 100)}% done)`);
  };
}
