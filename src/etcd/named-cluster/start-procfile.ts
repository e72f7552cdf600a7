/** Starts the processes of a Procfile as a cluster that stays. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { usageError } from "../../errors.ts";
import type { EtcdBinary } from "../etcd-binary/binary.ts";
import type { HelperSettings } from "../local-cluster/helper-process.ts";
import { HelperProcess } from "../local-cluster/helper-process.ts";
import { logEnd } from "../local-cluster/log-end.ts";
import type { MemberSettings } from "../local-cluster/member-process.ts";
import { newClusterToken } from "../local-cluster/placement.ts";
import { startHealthy } from "../local-cluster/start-healthy.ts";
import { environmentOf, type Procfile } from "../procfile/procfile.ts";
import { memberOf, type ProcfileMember } from "../procfile/procfile-members.ts";
import { withFoundProgram } from "../procfile/programs.ts";
import { NamedCluster } from "./named-cluster.ts";
import type { ClusterState } from "./state-file.ts";

export interface ProcfileStart {
  name: string;
  folder: string;
  procfile: Procfile;
  env: NodeJS.ProcessEnv;
  /** Called when an etcd is to be found. */
  binary(): Promise<EtcdBinary>;
  say(line: string): void;
}

/** Resolves when all members are healthy. @throws BenchError (usage) */
export async function startProcfile(options: ProcfileStart): Promise<NamedCluster> {
  const { name, folder, procfile, say } = options;
  await checkAddresses(procfile);
  let found: Promise<EtcdBinary> | null = null;
  const binary = () => {
    found ??= options.binary();
    return found;
  };
  const places: MemberSettings[] = [];
  const helpers: HelperProcess[] = [];
  let clientFiles: ClusterState["clientFiles"] = null;
  for (const [index, entry] of procfile.entries.entries()) {
    const { command, replaced } = await withFoundProgram(
      entry.command,
      procfile.folder,
      options.env,
      binary,
    );
    if (replaced !== null)
      say(`${entry.name}: ${replaced.program} is not here; ${replaced.by} runs`);
    const launch = {
      name: entry.name,
      command,
      env: environmentOf(procfile, index),
      cwd: procfile.folder,
    };
    const logPath = join(folder, logName(entry.name, index));
    const member = memberOf(entry, procfile);
    if (member === null) helpers.push(new HelperProcess(helperSettings(launch, logPath)));
    else {
      clientFiles ??= member.clientFiles;
      places.push({ ...placeOf(member, logPath), procfile: launch });
    }
  }
  const etcd = places.length === 0 ? null : await binary();
  const cluster = await startHealthy({
    what: `the cluster ${name}`,
    etcdPath: procfile.path,
    folder,
    folderFix: "name data folders on another disk in the Procfile",
    isOnGivenPorts: true,
    say,
    start: () =>
      NamedCluster.start(folder, {
        ...{ name, id: randomBytes(8).toString("hex"), dataFolder: join(folder, "data") },
        ...{ procfile: procfile.path, isProxied: false, memberArgs: [] },
        etcd: { path: etcd?.path ?? "", version: etcd?.version ?? "" },
        clusterToken: newClusterToken(),
        ...{ clientFiles, credentials: null },
        ...{ places: places.map((place) => ({ ...place, etcdPath: etcd?.path ?? "" })), helpers },
      }),
  });
  cluster.markReady();
  for (const helper of cluster.helpers) {
    if (helper.running) continue;
    const said = logEnd(helper.logTail());
    say(`${helper.name} ended (${helper.end})${said === "" ? "" : `: ${said}`}`);
  }
  return cluster;
}

/** The number keeps names apart that differ only in what no file name should have. */
function logName(name: string, index: number): string {
  const isPlain = /^[\w.-]{1,100}$/.test(name);
  return isPlain
    ? `${name}.log`
    : `${name.replace(/[^\w.-]+/g, "_").slice(0, 100)}-${index + 1}.log`;
}

function helperSettings(
  launch: HelperSettings["command"] & { name: string },
  logPath: string,
): HelperSettings {
  return { name: launch.name, role: "procfile", logPath, endpoint: null, command: launch };
}

function placeOf(
  { hosts: _, clientFiles: __, ...place }: ProcfileMember,
  logPath: string,
): Omit<MemberSettings, "procfile"> {
  return {
    ...place,
    logPath,
    isDataFound: existsSync(place.dataDir),
    ...{ etcdPath: "", clusterToken: "", initialCluster: "", initialState: "new", extraArgs: [] },
  };
}

/** @throws BenchError (usage) that names the line whose address this machine does not have */
async function checkAddresses(procfile: Procfile): Promise<void> {
  for (const entry of procfile.entries) {
    for (const host of new Set(memberOf(entry, procfile)?.hosts)) {
      if (await canListen(host)) continue;
      throw usageError(
        `${procfile.path}:${entry.line}: ${entry.name} listens on ${host}, which is no address of this machine: ` +
          `name one that is, or add it, e.g. ip addr add ${host}/32 dev lo`,
      );
    }
  }
}

/** On some port. */
function canListen(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRNOTAVAIL"));
    server.listen({ host, port: 0 }, () => server.close(() => resolve(true)));
  });
}
