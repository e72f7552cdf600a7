/** Puts right what a bench that died in the middle of a run has left in a cluster. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { isAlive, signal } from "../local-cluster/process-identity.ts";
import { abandonedFaults, type FaultRecord } from "./fault-records.ts";
import type { NamedCluster } from "./named-cluster.ts";

/** A line for each thing that was put right. */
export function putRight(cluster: NamedCluster): string[] {
  return abandonedFaults(cluster.folder).map(({ fault, forget }) => {
    const line = undo(cluster, fault);
    forget();
    return line;
  });
}

function undo(cluster: NamedCluster, fault: FaultRecord): string {
  switch (fault.kind) {
    case "pause":
      cluster.resumeLeft(fault.member);
      return `${fault.member}: resumed`;
    case "stop":
      cluster.startLeft(fault.member);
      return `${fault.member}: started`;
    case "proxy":
      cluster.renewProxy(fault.member);
      return `${fault.member}: its proxies were started again, without faults`;
    case "mount":
      execFileSync("umount", ["-l", fault.path], { stdio: "ignore" });
      rmSync(fault.path, { recursive: true, force: true });
      return `${fault.path}: unmounted`;
    case "process":
      if (isAlive(fault)) signal(fault.pid, "SIGTERM");
      return `process ${fault.pid}: ended`;
  }
}
