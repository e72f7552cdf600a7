/** Puts right what a bench that died in the middle of a run or of a change has left in a cluster. */
import { BenchError } from "../../errors.ts";
import { withClusterLock } from "./cluster-lock.ts";
import { abandonedFaults, type FaultRecord } from "./fault-records.ts";
import { NamedCluster } from "./named-cluster.ts";

/**
 * While no other process changes the cluster. What cannot be put right now stays recorded.
 * @returns a line for each thing that was put right, or could not be
 */
export async function putRight(folder: string): Promise<string[]> {
  if (abandonedFaults(folder).length === 0) return [];
  return await withClusterLock(folder, async () => {
    // Another command may have put it right while this one waited.
    const abandoned = abandonedFaults(folder);
    const cluster = NamedCluster.at(folder, { isLocked: true });
    if (cluster === null) return [];
    const lines: string[] = [];
    for (const { fault, isOfAnother, forget } of abandoned) {
      try {
        const line = isOfAnother ? null : await undo(cluster, fault);
        if (line !== null) lines.push(line);
        forget();
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        lines.push(
          `${subjectOf(fault)}: not put right, and tried again by the next command: ${error.message}`,
        );
      }
    }
    return lines;
  });
}

/** Null: it was right already. */
async function undo(cluster: NamedCluster, fault: FaultRecord): Promise<string | null> {
  const subject = subjectOf(fault);
  switch (fault.kind) {
    case "pause":
      return cluster.resumeLeft(fault.member) ? `${subject}: resumed` : null;
    case "stop":
      return cluster.startLeft(fault.member) ? `${subject}: started` : null;
    case "network": {
      const { member, side, direction, fault: kind } = fault;
      const isCleared = await cluster.clearLeft(member, side, direction, kind);
      return isCleared ? `${subject}: ${kind} of its ${side} proxy (${direction}) cleared` : null;
    }
    case "alarm":
      await cluster.membership.clearNoSpaceAlarm(fault.memberId);
      return "the alarm of full space is cleared";
    case "leaves":
      return (await cluster.keepLeft(fault)) ? `${subject}: removed` : null;
    case "comes-back":
      return (await cluster.keepLeft(fault)) ? `${subject}: added again, with empty data` : null;
  }
}

function subjectOf(fault: FaultRecord): string {
  if (fault.kind === "alarm") return "the alarm of full space";
  return "settings" in fault ? fault.settings.name : fault.member;
}
