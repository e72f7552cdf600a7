/** Checks before the first run of a suite that servers allow the streams that each of its cells needs. */
import type { ControlAccess } from "../../etcd/control-client.ts";
import type { TargetInfo } from "../../etcd/inspect.ts";
import { streamsNeeded } from "../../load/held-streams.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { splitLoad } from "../../plan/shares.ts";
import { readStreamLimits } from "../../reference/stream-limits.ts";
import { streamShortage } from "../../run/stream-room.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";
import { loadsOf } from "../../workloads/loads.ts";

export class StreamRoom {
  /** By endpoint; null: it does not answer on a connection of its own. */
  readonly #limits = new Map<string, number | null>();

  /** @throws BenchError (usage) where a connection needs more streams than its server allows */
  async check(plan: RunPlan, target: TargetInfo, { tls }: ControlAccess): Promise<void> {
    const { load, workload } = plan;
    // Its streams are those of an HTTP client, which opens connections as it needs them.
    if (load.transport === "gateway") return;
    const preparation = await workloadNamed(workload.kind).preparation();
    const operations = preparation.plannedOperations?.(workload, { plan, target }) ?? [];
    if (operations.length === 0 && load.transport !== "grpc-js") return;
    const loads = await loadsOf(operations);
    const shares = splitLoad(load, target.endpoints);
    const limits = [];
    for (const [workerIndex, share] of shares.entries()) {
      const streamLimits = [];
      for (const { endpoint } of streamsNeeded(loads, operations, share)) {
        streamLimits.push((await this.#limitOf(endpoint, tls)) ?? Number.POSITIVE_INFINITY);
      }
      limits.push({ workerIndex, streamLimits });
    }
    const shortage = streamShortage(loads, limits, shares, operations, load, target.endpoints);
    if (shortage !== null) throw shortage;
  }

  async #limitOf(endpoint: string, tls: ControlAccess["tls"]): Promise<number | null> {
    const known = this.#limits.get(endpoint);
    if (known !== undefined) return known;
    // A run that cannot be opened says so itself.
    const limits = await readStreamLimits({ connectionEndpoints: [endpoint], tls }).catch(() => []);
    const limit = limits[0] ?? null;
    this.#limits.set(endpoint, limit);
    return limit;
  }
}
