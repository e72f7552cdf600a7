/** Carries out `bench cluster list|status|env`. */
import { BenchError, EXIT } from "../../errors.ts";
import { clusterStatus, type MemberRow } from "../../etcd/named-cluster/cluster-status.ts";
import { clusterFolder, clusterNames } from "../../etcd/named-cluster/clusters-folder.ts";
import { environmentLines } from "../../etcd/named-cluster/environment-lines.ts";
import { NamedCluster } from "../../etcd/named-cluster/named-cluster.ts";
import { isOfThisPidNamespace } from "../../etcd/named-cluster/state-file.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { type Column, renderGrid } from "../../tables/grid.ts";
import { ABSENT, formatBytes } from "../../tables/number-format.ts";
import { printable, printableData } from "../../text/visible.ts";
import { formatDuration } from "../../units.ts";
import { environment } from "../argv/environment.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import {
  writeForShell,
  writeStandardError,
  writeStandardOutput,
} from "../output/standard-output.ts";
import { LIST_FLAGS, NAME_FLAGS, SHOW_FLAGS } from "./cluster-flags.ts";
import { nameFrom, openCluster, putRightAloud } from "./open-cluster.ts";

interface ListedCluster {
  name: string;
  /** `running`, `stopped`, `1 of 3 run`, or what is the matter with it. */
  state: string;
  members: number;
  running: number;
  etcd: string | null;
  endpoints: string[];
  createdAt: string | null;
  folder: string;
}

const LIST_COLUMNS: readonly Column<ListedCluster>[] = [
  { header: ["name"], align: "left", cell: ({ name }) => name },
  { header: ["state"], align: "left", cell: ({ state }) => state },
  { header: ["members"], cell: ({ running, members }) => `${running}/${members}` },
  { header: ["etcd"], align: "left", cell: ({ etcd }) => etcd ?? ABSENT },
  { header: ["endpoints"], align: "left", cell: ({ endpoints }) => endpoints.join(",") || ABSENT },
];

export async function listClusters(given: GivenFlags): Promise<number> {
  const { output, noColor } = readFlags(LIST_FLAGS, given);
  const env = environment();
  const clusters: ListedCluster[] = [];
  for (const name of clusterNames(env)) clusters.push(await listed(name, clusterFolder(name, env)));
  if (output === "json") await writeStandardOutput(json(clusters));
  else if (clusters.length === 0) {
    await writeStandardOutput("no clusters; start one with bench cluster start");
  } else {
    const options = toStandardOutput({ noColor });
    await writeStandardOutput(renderGrid(LIST_COLUMNS, clusters, options), options.color);
  }
  return EXIT.done;
}

async function listed(name: string, folder: string): Promise<ListedCluster> {
  const none = { name, folder, members: 0, running: 0, etcd: null, endpoints: [], createdAt: null };
  let found: NamedCluster | null;
  try {
    found = NamedCluster.at(folder);
    if (found !== null && isOfThisPidNamespace(found.state)) await putRightAloud(folder, name);
  } catch (error) {
    // One that cannot be read does not hide the others.
    if (!(error instanceof BenchError)) throw error;
    writeStandardError(`cluster ${name}: ${error.message}\n`);
    return { ...none, state: "not readable" };
  }
  if (found === null) return { ...none, state: "a start that was interrupted" };
  const { state, members, endpoints } = NamedCluster.at(folder) ?? found;
  const about = { etcd: state.etcd.version, endpoints: [...endpoints], createdAt: state.createdAt };
  if (!isOfThisPidNamespace(state)) {
    return { ...none, ...about, members: members.length, state: "of another container" };
  }
  const running = members.filter((member) => member.running).length;
  const words =
    running === members.length
      ? "running"
      : running === 0
        ? "stopped"
        : `${running} of ${members.length} run`;
  return {
    ...{ ...none, ...about, running, members: members.length },
    state: state.isReady ? words : `a start that was interrupted; ${words}`,
  };
}

const STATUS_COLUMNS: readonly Column<MemberRow>[] = [
  {
    header: ["member"],
    align: "left",
    cell: ({ name, procfileName }) =>
      printable(
        procfileName === null || procfileName === name ? name : `${procfileName} (${name})`,
      ),
  },
  { header: ["state"], align: "left", cell: ({ state }) => state },
  {
    header: ["health"],
    align: "left",
    cell: ({ isHealthy, errors }) =>
      isHealthy ? "healthy" : printable(errors.join("; ")) || "no answer",
  },
  { header: ["role"], align: "left", cell: ({ role }) => role ?? ABSENT },
  { header: ["term"], cell: ({ raftTerm }) => whole(raftTerm) },
  { header: ["index"], cell: ({ raftIndex }) => whole(raftIndex) },
  { header: ["lag"], cell: ({ raftLag }) => whole(raftLag) },
  { header: ["db size"], cell: ({ dbSizeBytes }) => formatBytes(dbSizeBytes) },
  { header: ["etcd"], align: "left", cell: ({ version }) => printable(version ?? ABSENT) },
  { header: ["id"], align: "left", cell: ({ id }) => id ?? ABSENT },
  { header: ["pid"], cell: ({ pid }) => whole(pid) },
  {
    header: ["uptime"],
    cell: ({ uptimeSeconds }) =>
      uptimeSeconds === null ? ABSENT : formatDuration(Math.round(uptimeSeconds) * 1000),
  },
  { header: ["clients"], align: "left", cell: ({ endpoint }) => endpoint },
  { header: ["peers"], align: "left", cell: ({ peerEndpoint }) => peerEndpoint },
];

/** @param word the cluster's name, where --name does not give it */
export async function showStatus(given: GivenFlags, word: string | undefined): Promise<number> {
  const { name, output, noColor } = readFlags(SHOW_FLAGS, given);
  const status = await clusterStatus(await openCluster(nameFrom(word, name)));
  if (output === "json") {
    await writeStandardOutput(json(status));
    return EXIT.done;
  }
  const options = toStandardOutput({ noColor });
  const from = status.procfile === null ? "" : `, from ${printable(status.procfile)}`;
  const helpers = status.helpers.map(({ name: helper, state, pid, role, endpoint }) => {
    const at = endpoint === null ? "" : ` at ${endpoint}`;
    return printable(`${helper}: ${role}${at}, ${state}${pid === null ? "" : `, pid ${pid}`}`);
  });
  const parts = [
    `cluster ${status.name} (${status.clusterId ?? "no member answers"})${from}`,
    renderGrid(STATUS_COLUMNS, status.members, options),
    ...helpers,
  ];
  await writeStandardOutput(parts.join("\n"), options.color);
  return EXIT.done;
}

/** @param word the cluster's name, where --name does not give it */
export async function printEnvironment(
  given: GivenFlags,
  word: string | undefined,
): Promise<number> {
  const cluster = await openCluster(nameFrom(word, readFlags(NAME_FLAGS, given).name));
  await writeForShell(environmentLines(cluster.state));
  return EXIT.done;
}

function json(data: object): string {
  return JSON.stringify(printableData(data), null, 2);
}

function whole(count: number | null): string {
  return count === null ? ABSENT : String(count);
}
