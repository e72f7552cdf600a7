/** Compares the files that a run will have open with the limit of this process and its etcds. */
import { usageError } from "../errors.ts";
import { systemFiles } from "../machine/system-files.ts";
import type { RunPlan } from "../plan/schema.ts";
import { formatNoun } from "../text/noun.ts";

/** An event loop's own descriptors, of each worker thread. */
const PER_WORKER = 8;
/** Outputs, reading metrics, the control client. */
const SPARE = 24;
/** etcd keeps so many for its own files, and takes client connections up to the rest. */
export const FILES_KEPT_BY_ETCD = 150;
/** Of the control client and the metrics, on each member. */
export const OWN_CONNECTIONS = 6;
/** Of a fault proxy without connections. */
const FILES_OF_PROXY = 30;

/** What of a plan says how many files are open. */
export interface OpenFilesPlan {
  target: RunPlan["target"];
  load: Pick<RunPlan["load"], "workers" | "connections" | "agents">;
  /** What asks for the connections, with its value; absent: `--conns=N`. */
  connectionsFlag?: string;
}

/** @throws BenchError (usage) with the number needed; says nothing where /proc does not tell */
export function checkOpenFiles(plan: OpenFilesPlan): void {
  const { load, target, connectionsFlag = `--conns=${load.connections}` } = plan;
  const limit = openFilesLimit();
  if (limit === null) return;
  const { local } = target;
  // Agents open connections of their own, and look at their own limit.
  const own = load.agents === undefined ? ownFiles(load.workers, load.connections) : ownFiles(0, 0);
  const members = local === null || target.leaderOnly ? 1 : local.members;
  const ofMember = Math.ceil(load.connections / members) + OWN_CONNECTIONS;
  const all = [
    { whose: "bench", files: own },
    { whose: "each etcd of --local", files: local === null ? 0 : ofMember + FILES_KEPT_BY_ETCD },
    // Each connection has two sides there.
    { whose: "each fault proxy", files: local?.proxied ? 2 * ofMember + FILES_OF_PROXY : 0 },
  ];
  const { whose, files: needed } = all.reduce((most, each) =>
    each.files > most.files ? each : most,
  );
  if (needed <= limit) return;
  const what = `${whose} needs about ${needed} open files, and the limit is ${limit}; ${raise(needed)}`;
  // Fewer connections than one there are not.
  if (load.connections <= 1) throw usageError(what);
  const flag = connectionsFlag.replace(/=\d+$/, "").replace(/:\d+$/, ":N");
  throw usageError(`${connectionsFlag}: ${what}, or lower ${flag}`);
}

/** Of an agent that is to open so many. @throws BenchError (usage) as `checkOpenFiles` */
export function checkFilesOfAgent(workers: number, connections: number): void {
  const limit = openFilesLimit();
  const needed = ownFiles(workers, connections);
  if (limit === null || needed <= limit) return;
  throw usageError(
    `it needs about ${needed} open files for its ${formatNoun(connections, "connection")}, and its limit is ` +
      `${limit}; ${raise(needed)} where it runs, lower --conns, or have more agents`,
  );
}

function raise(needed: number): string {
  return `raise it (ulimit -n ${2 ** Math.ceil(Math.log2(needed))})`;
}

/** Connections to a server of bench's own, as many as the flag says. @throws BenchError (usage) with the number needed */
export function checkOwnConnections(flag: string, connections: number): void {
  const limit = openFilesLimit();
  const needed = ownFiles(1, connections);
  if (limit === null || needed <= limit) return;
  throw usageError(
    `--${flag}=${connections}: bench needs about ${needed} open files, and the limit is ${limit}; ` +
      `${raise(needed)}, or lower --${flag}`,
  );
}

function ownFiles(workers: number, connections: number): number {
  return systemFiles.list("/proc/self/fd").length + workers * PER_WORKER + connections + SPARE;
}

function openFilesLimit(): number | null {
  const limits = systemFiles.read("/proc/self/limits") ?? "";
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}
