/** Watches while the doctor measures whether members join or leave, or another cluster answers. */
import { BenchError } from "../errors.ts";
import type { ControlAccess } from "../etcd/control-client.ts";
import { inspectTarget } from "../etcd/inspect.ts";
import { TargetWatch } from "../etcd/target-watch.ts";
import type { TargetChange } from "../result/schema.ts";
import type { FoundMember } from "./find-members.ts";

export interface ClusterWatch {
  /** What was seen since `startMs`, of this thread's performance.now(), without the leaders. */
  stop(startMs: number): Promise<TargetChange[]>;
  close(): void;
}

const NO_WATCH: ClusterWatch = { stop: async () => [], close: () => {} };

/** @param prefix of the doctor's own keys, which it may read */
export async function watchCluster(
  found: readonly FoundMember[],
  access: ControlAccess,
  prefix: string,
): Promise<ClusterWatch> {
  const endpoints = found.flatMap(({ endpoint, fault }) =>
    endpoint === null || fault !== null ? [] : [endpoint],
  );
  if (endpoints.length === 0) return NO_WATCH;
  try {
    const inspected = { endpoints, leaderOnly: false, needsLeader: false, access };
    const target = await inspectTarget(inspected);
    const watch = new TargetWatch({ target, leaderOnly: false, key: Buffer.from(prefix), access });
    watch.start();
    return {
      // Changes of the leader are a finding of the members' metrics.
      stop: async (startMs) => (await watch.stop(startMs)).filter(({ kind }) => kind !== "leader"),
      close: () => watch.close(),
    };
  } catch (error) {
    // The members themselves say why they do not answer.
    if (!(error instanceof BenchError)) throw error;
    return NO_WATCH;
  }
}
