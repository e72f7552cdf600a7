/** Checks before the first run of a suite that servers allow the streams that each of its cells needs. */
import type { ControlAccess } from "../../etcd/control-client.ts";
import type { TargetInfo } from "../../etcd/inspect.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { readStreamLimits } from "../../reference/stream-limits.ts";
import { plannedShortage } from "../../run/prepare/planned-streams.ts";

export class StreamRoom {
  /** By endpoint; null: it does not answer on a connection of its own. */
  readonly #limits = new Map<string, number | null>();

  /** @throws BenchError (usage) where a connection needs more streams than its server allows */
  async check(plan: RunPlan, target: TargetInfo, { tls }: ControlAccess): Promise<void> {
    const shortage = await plannedShortage(plan, target, (each) => this.#limitOf(each, tls));
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
