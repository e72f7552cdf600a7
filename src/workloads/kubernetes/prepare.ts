/**
 * Prepares the kubernetes workload: a registry of its own that is empty, whatever an earlier run has
 * left, and the operations in their order.
 */

import { randomInt } from "node:crypto";
import { flagError } from "../../errors.ts";
import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import { isDenied, permissionError } from "../../etcd/denied.ts";
import { controlFailure } from "../../etcd/set-up-failure.ts";
import { operation } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { keyRangeOf } from "../../plan/key-range.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { workersOf } from "../../plan/shares.ts";
import { longerLeaseNotes } from "../../result/target-notes.ts";
import { formatNoun } from "../../text/noun.ts";
import { grantedTtlByTrial } from "../parts/leases/longer-lease.ts";
import { WATCH_CREATE } from "../parts/watching/series.ts";
import type { Preparation } from "../preparation.ts";
import { assertEventsExpire } from "./events-expire.ts";
import type { KubernetesKind } from "./kinds.ts";
import type { FillSpec, RequestsSpec, WatchesSpec } from "./loads.ts";
import { MARKER_KEY } from "./marker-key.ts";
import { folderRange, registryFolder } from "./registry-keys.ts";
import {
  eventLeaseSeconds,
  KUBERNETES_RESOURCES,
  type KubernetesWorkload,
  kubernetesSeries,
  objectsOf,
} from "./request-mix.ts";
import { registryKeys } from "./stored-keys.ts";

/** To delete what may be gigabytes. */
const EMPTY_MS = 60_000;

/** @throws BenchError (usage) where the registry is another's, or etcd does not let us in. */
export async function prepareKubernetes(
  workload: KubernetesWorkload,
  plan: RunPlan,
  endpoints: readonly string[],
  access: ControlAccess,
  notes: string[],
): Promise<OperationSpec[]> {
  await emptyRegistry(workload.prefix, plan.target.user, endpoints, access);
  const eventTtlSeconds = eventLeaseSeconds(workload);
  const grantedSeconds = await grantedTtlByTrial(eventTtlSeconds, endpoints, access);
  notes.push(...longerLeaseNotes(eventTtlSeconds, grantedSeconds));
  const { load } = plan;
  assertEventsExpire(workload, load.timeoutMs, grantedSeconds);
  notes.push(
    `The run opens ${watchesOf(workload, load)} watches before its load, ${workload.watchersPerResource} of each resource for each ` +
      "worker. watch-delivery runs from the send of a write to each event of it in its own worker, " +
      "watch-delivery-after-ack from the write's acknowledgement: an event that arrives before that " +
      "counts as 0 there.",
  );
  return operationsOf(workload, load);
}

function watchesOf({ watchersPerResource }: KubernetesWorkload, load: RunPlan["load"]): number {
  return KUBERNETES_RESOURCES.length * watchersPerResource * workersOf(load);
}

function operationsOf(workload: KubernetesWorkload, load: RunPlan["load"]): OperationSpec[] {
  const kubernetes = { plan: workload, workers: workersOf(load), token: randomInt(2 ** 32) };
  const objects = KUBERNETES_RESOURCES.reduce((sum, name) => sum + objectsOf(name, workload), 0);
  return [
    operation<FillSpec>({
      series: ["fill"],
      kind: "kubernetes-fill",
      setUpRequests: objects,
      isOutsideClock: true,
      kubernetes,
    }),
    operation<WatchesSpec>({
      series: [WATCH_CREATE],
      kind: "kubernetes-watch",
      setUpRequests: watchesOf(workload, load),
      kubernetes,
    }),
    operation<RequestsSpec>({
      series: kubernetesSeries(workload),
      kind: "kubernetes",
      mostEffects: workload.watchersPerResource,
      kubernetes,
    }),
  ];
}

function emptyRegistry(
  prefix: string,
  user: string | null,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<void> {
  return inRegistry(prefix, user, endpoints, access, async (client, folder) => {
    const count = await registryCount(client, prefix, folder);
    if (count > 0) await client.deleteRange(folderRange(folder), { timeoutMs: EMPTY_MS });
    await client.put({
      key: markerIn(folder),
      value: Buffer.from("emptied by each run of bench kubernetes"),
    });
  });
}

function markerIn(folder: string): Buffer {
  return Buffer.from(folder + MARKER_KEY, "utf8");
}

/** Of its keys. @throws BenchError (usage) where they are another's */
async function registryCount(
  client: ControlClient,
  prefix: string,
  folder: string,
): Promise<number> {
  const isOurs = (await client.range({ key: markerIn(folder), countOnly: true })).count > 0;
  const { count } = await client.range({ ...folderRange(folder), countOnly: true });
  if (count === 0 || isOurs) return count;
  throw flagError(
    "prefix",
    `--prefix=${prefix}: ${formatNoun(count, "key")} under ${folder} ${count === 1 ? "was" : "were"} put by no run of bench, ` +
      "perhaps by a Kubernetes cluster: give another prefix",
  );
}

async function inRegistry(
  prefix: string,
  user: string | null,
  endpoints: readonly string[],
  access: ControlAccess,
  work: (client: ControlClient, folder: string) => Promise<void>,
): Promise<void> {
  const client = new ControlClient(endpoints, { access });
  const folder = registryFolder(prefix);
  try {
    await work(client, folder);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    if (isDenied(error)) throw permissionError(user, `the keys under ${folder}`, error);
    throw controlFailure("the registry could not be made ready", error);
  } finally {
    client.close();
  }
}

const STALE_READS: readonly KubernetesKind[] = ["pod-list-stale", "pod-get-stale"];

export const preparation: Preparation<KubernetesWorkload> = {
  series: (workload) => [WATCH_CREATE, ...kubernetesSeries(workload)],
  check: (workload, { plan, target, access }) =>
    inRegistry(
      workload.prefix,
      plan.target.user,
      target.endpoints,
      access,
      async (client, folder) => {
        await registryCount(client, workload.prefix, folder);
      },
    ),
  async prepare(workload, { plan, target, access, note }) {
    const notes: string[] = [];
    const operations = await prepareKubernetes(workload, plan, target.endpoints, access, notes);
    notes.forEach(note);
    return { operations };
  },
  proxyAnswers: ({ mix }) =>
    mix.some(({ operation: kind }) => STALE_READS.includes(kind)) ? ["serializable-reads"] : [],
  // Without a prefix they would be among those of a real API server.
  leaves: ({ prefix }) =>
    prefix === "" ? null : keyRangeOf({ key: registryFolder(prefix), end: null, prefix: true }),
  plannedOperations: (workload, { plan: { load } }) => operationsOf(workload, load),
  async *storedKeys(operations, search) {
    const requests = operations.find((spec): spec is RequestsSpec => spec.kind === "kubernetes");
    if (requests !== undefined) yield* registryKeys(requests.kubernetes, search);
  },
};
