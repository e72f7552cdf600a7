/**
 * Keeps the members that clusters had when runs on them ended, so that the next run on the same cluster
 * sees what joined or left between the two.
 */
import type { KnownMembers } from "../etcd/target-watch.ts";
import type { RunResult } from "../result/schema.ts";

export class SeenMembers {
  readonly #byCluster = new Map<string, KnownMembers>();

  /** `results`: of runs that another process made before; in any order. */
  constructor(results: readonly RunResult[] = []) {
    const inTime = results.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
    for (const { target } of inTime) {
      const members = target.membersAtEnd?.map(({ id, name }) => [id, name] as const) ?? null;
      this.keep(target.clusterId, members && new Map(members));
    }
  }

  /** Null: no run before, or its members are not known. */
  of(clusterId: string | null): KnownMembers | null {
    return (clusterId === null ? undefined : this.#byCluster.get(clusterId)) ?? null;
  }

  /** Null: what the cluster has now is not known. */
  keep(clusterId: string | null, members: KnownMembers | null): void {
    if (clusterId === null) return;
    if (members === null) this.#byCluster.delete(clusterId);
    else this.#byCluster.set(clusterId, members);
  }
}
