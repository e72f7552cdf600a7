/**
 * Carries out `bench monitor`: writes what Prometheus and Grafana need for a cluster and the runs on it,
 * and has Prometheus run until a signal.
 */
import path from "node:path";
import { BenchError, EXIT } from "../../errors.ts";
import { inspectTarget } from "../../etcd/inspect.ts";
import { openAccess } from "../../etcd/token-source.ts";
import { lookOnPath } from "../../executable.ts";
import { type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import { USUAL_ADDRESS } from "../../flags/stream.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { dashboardJson, dashboardsYaml, datasourceYaml } from "../../monitor/grafana.ts";
import { prometheusConfig, type ScrapedMember } from "../../monitor/prometheus-config.ts";
import { PrometheusProcess } from "../../monitor/prometheus-process.ts";
import { findScraped } from "../../monitor/scraped-members.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { targetOf } from "../../plan/target-from-flags.ts";
import { makeFolder, writeFileAtomically } from "../../result/atomic-file.ts";
import { formatNoun } from "../../text/noun.ts";
import { environment } from "../argv/environment.ts";
import { nextSignal } from "../interrupts.ts";
import { readAccess } from "../measure/access.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import { writeStandardError, writeStandardOutput } from "../output/standard-output.ts";
import { MONITOR_FLAGS } from "./monitor-flags.ts";

type Flags = Read<typeof MONITOR_FLAGS>;

/** By their use, all absolute. */
interface Files {
  config: string;
  data: string;
  log: string;
  provisioning: string;
  dashboards: string;
}

/** Resolves to the exit code: 0 after a signal. @throws BenchError where there is nothing to watch */
export async function runMonitor(asGiven: GivenFlags): Promise<number> {
  const flags = readFlags(MONITOR_FLAGS, asGiven);
  const discovery = new EndpointDiscovery();
  const given = await discovery.flags(asGiven);
  const env = await discovery.variablesFor(given, environment());
  const note = (line: string) => writeStandardError(`note: ${line}\n`);
  const target = targetOf(readFlags(TARGET_FLAGS, given), given, env, note);
  const members = await membersOf(target, given, env);
  const files = filesIn(flags.folder);
  const benches = flags.bench.length === 0 ? [USUAL_ADDRESS] : flags.bench;
  await writeFiles(files, flags, members, benches, target.tls);
  await writeStandardOutput(`files are in ${path.resolve(flags.folder)}\n`);
  const { runnable, refused } = lookOnPath("prometheus", environment());
  const [program] = flags.isFilesOnly ? [] : runnable;
  if (program === undefined) {
    const [there] = refused;
    const lacks =
      there === undefined ? "prometheus is not on PATH; " : `${there.path} ${there.why}; `;
    const why = flags.isFilesOnly ? "" : lacks;
    await writeStandardOutput(`${why}start it with --config.file=${files.config}\n`);
    return EXIT.done;
  }
  return await watch(program, flags, files, members, benches);
}

async function watch(
  program: string,
  { listen, intervalMs }: Flags,
  files: Files,
  members: readonly ScrapedMember[],
  benches: readonly string[],
): Promise<number> {
  const stop = new AbortController();
  const signal = nextSignal();
  void signal.then(() => stop.abort());
  const paths = { configFile: files.config, dataFolder: files.data, logFile: files.log };
  const prometheus = await PrometheusProcess.start(
    { program, address: listen, ...paths },
    stop.signal,
  );
  try {
    const scraped = `${formatNoun(members.length, "member")} and ${benches.join(", ")}`;
    if (!stop.signal.aborted) {
      await writeStandardOutput(
        `prometheus is at http://${listen} (process ${prometheus.pid}), and scrapes ${scraped} every ${intervalMs} ms\n` +
          `for Grafana: GF_PATHS_PROVISIONING=${files.provisioning} grafana-server ...\n`,
      );
    }
    const ended = prometheus.ended.then((how) => {
      throw new BenchError(`prometheus: ${how}; its log is ${files.log}`, EXIT.failed);
    });
    const name = await Promise.race([signal, ended]);
    writeStandardError(`${name}: ending prometheus\n`);
    return EXIT.done;
  } finally {
    await prometheus.end();
  }
}

async function membersOf(
  target: RunPlan["target"],
  given: GivenFlags,
  env: NodeJS.ProcessEnv,
): Promise<ScrapedMember[]> {
  const access = openAccess(target.endpoints, await readAccess({ target }, given, env));
  try {
    const { members } = await inspectTarget({
      ...{ endpoints: target.endpoints, leaderOnly: false, needsLeader: false, access },
    });
    return await findScraped(members, target.metricsEndpoints, access.tls);
  } finally {
    access.tokens?.close();
  }
}

function filesIn(folder: string): Files {
  const inside = (...names: string[]) => path.resolve(folder, ...names);
  return {
    config: inside("prometheus.yml"),
    data: inside("data"),
    log: inside("prometheus.log"),
    provisioning: inside("grafana", "provisioning"),
    dashboards: inside("grafana", "dashboards"),
  };
}

async function writeFiles(
  { config, provisioning, dashboards }: Files,
  { intervalMs, listen }: Flags,
  members: readonly ScrapedMember[],
  benches: readonly string[],
  tls: RunPlan["target"]["tls"],
): Promise<void> {
  const texts: [file: string, text: string][] = [
    [config, prometheusConfig({ members, benches, intervalMs, tls: tls && absolute(tls) })],
    [
      path.join(provisioning, "datasources", "etcd-bench.yaml"),
      datasourceYaml(`http://${listen}`, intervalMs),
    ],
    [path.join(provisioning, "dashboards", "etcd-bench.yaml"), dashboardsYaml(dashboards)],
    [path.join(dashboards, "etcd-bench.json"), dashboardJson()],
  ];
  for (const [file, text] of texts) {
    await makeFolder(path.dirname(file));
    await writeFileAtomically(file, text, (line) => writeStandardError(`bench: ${line}\n`));
  }
}

function absolute(
  tls: NonNullable<RunPlan["target"]["tls"]>,
): NonNullable<RunPlan["target"]["tls"]> {
  const of = (file: string | null) => file && path.resolve(file);
  return { ...tls, caFile: of(tls.caFile), certFile: of(tls.certFile), keyFile: of(tls.keyFile) };
}
