/**
 * Carries out `bench doctor`: reads the members' metrics over a window with the probes that were asked for,
 * or saved pages, and prints the report.
 */
import { stat } from "node:fs/promises";
import type { Evidence } from "../../doctor/evidence.ts";
import type { GatherOptions } from "../../doctor/gather.ts";
import type { GatherProgress } from "../../doctor/gather-progress.ts";
import { evidenceOfDumps } from "../../doctor/read-dumps.ts";
import { doctorReport } from "../../doctor/report.ts";
import type { DoctorReport } from "../../doctor/report-schema.ts";
import { EXIT, type ExitCode, flagError } from "../../errors.ts";
import { type GivenFlags, isGiven, type Read, readFlags } from "../../flags/flag.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { toolName } from "../../package-root.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { targetOf } from "../../plan/target-from-flags.ts";
import { reason } from "../../system-error.ts";
import { formatNoun } from "../../text/noun.ts";
import { dataWithoutSecrets } from "../../text/secrets.ts";
import { environment } from "../argv/environment.ts";
import { reportFailure } from "../failure.ts";
import { type Interrupts, listenForInterrupts } from "../interrupts.ts";
import { readAccess } from "../measure/access.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import type { ProgressDisplay } from "../measure/progress.ts";
import { readyLocal, type Target } from "../measure/target.ts";
import { displayFor, toStandardOutput } from "../output/deliver-results.ts";
import {
  checkNotAnInput,
  checkWritable,
  type Output,
  parseOutputs,
  writeOutputs,
} from "../output/outputs.ts";
import { sayVerdict } from "../output/say-verdict.ts";
import { DOCTOR_FLAGS } from "./doctor-flags.ts";
import { readPages } from "./read-pages.ts";

type Flags = Read<typeof DOCTOR_FLAGS>;

/** Of keys that the probes write. */
const PROBE_PREFIX = "bench-doctor/";
const PROGRESS_MS = 10_000;

/** Resolves to the exit code. @throws BenchError where there is no etcd, or a page is of no use */
export async function runDoctor(pages: readonly string[], given: GivenFlags): Promise<number> {
  const flags = readFlags(DOCTOR_FLAGS, given);
  const outputs = parseOutputs(flags.output, "table", "doctor");
  await checkNotAnInput(outputs, pages);
  await checkWritable(outputs, null);
  const startedAt = new Date();
  const about = { startedAt, tool: toolName() };
  if (pages.length > 0) {
    const dumps = await readPages(pages, given);
    const seconds = isGiven(given, DOCTOR_FLAGS.durationMs) ? flags.durationMs / 1_000 : null;
    const evidence = evidenceOfDumps(dumps, seconds);
    const target = `${formatNoun(pages.length, "saved metrics page")}`;
    const report = doctorReport(evidence, { ...about, target, isInterrupted: false });
    return print(report, outputs, flags, null);
  }
  for (const dir of flags.dataDirs) await checkDataDir(dir);
  const display = displayFor(flags);
  const interrupts = listenForInterrupts(display.say);
  try {
    const { evidence, target } = await examine(flags, given, display, interrupts);
    const isInterrupted = interrupts.signal.aborted;
    interrupts.outputsBegin();
    const code = await print(
      doctorReport(evidence, { ...about, target, isInterrupted }),
      outputs,
      flags,
      display,
    );
    return isInterrupted ? EXIT.interrupted : code;
  } finally {
    interrupts.dispose();
  }
}

/** Before the window, so that a folder that was misspelled costs no time. */
async function checkDataDir(dir: string): Promise<void> {
  const { name } = DOCTOR_FLAGS.dataDirs;
  const isFolder = await stat(dir).then(
    (stats) => stats.isDirectory(),
    (cause: unknown) => {
      throw flagError(name, `--${name}: cannot read ${dir || '""'}: ${reason(cause)}`, cause);
    },
  );
  if (!isFolder)
    throw flagError(name, `--${name}: ${dir} is a file: name the folder of etcd's data`);
}

/** `display` is null where nothing was measured. */
async function print(
  report: DoctorReport,
  outputs: readonly Output[],
  flags: Flags,
  display: ProgressDisplay | null,
): Promise<number> {
  const subject = { kind: "doctor", report: dataWithoutSecrets(report) } as const;
  const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
  for (const failure of failures) reportFailure(failure);
  sayVerdict(subject, outputs, display);
  const code = exitCodeOf(report);
  return code === EXIT.done && failures.length > 0 ? EXIT.failed : code;
}

/** 1: a cause is too slow; 4: one is suspect, or nothing is known. */
function exitCodeOf({ principal: { verdict } }: DoctorReport): ExitCode {
  if (verdict === "too slow") return EXIT.failed;
  return verdict === "fine" ? EXIT.done : EXIT.invalid;
}

interface Examined {
  evidence: Evidence;
  target: string;
}

async function examine(
  flags: Flags,
  asGiven: GivenFlags,
  display: ProgressDisplay,
  interrupts: Interrupts,
): Promise<Examined> {
  const discovery = new EndpointDiscovery();
  const given = await discovery.flags(asGiven);
  const env = await discovery.variablesFor(given, environment());
  const note = (line: string) => display.say(`note: ${line}`);
  const target = targetOf(readFlags(TARGET_FLAGS, given), given, env, note);
  const { gatherEvidence } = await import("../../doctor/gather.ts");
  const options = {
    durationMs: flags.durationMs,
    level: flags.probe,
    dataDirs: flags.dataDirs.length === 0 ? null : flags.dataDirs,
    prefix: PROBE_PREFIX,
    signal: interrupts.signal,
    onProgress: flags.noProgress ? () => {} : progressOf(flags.durationMs, display),
  };
  const look = async (
    of: Pick<GatherOptions, "target" | "access" | "listenEndpoints" | "isStartedHere">,
  ) => {
    interrupts.runBegins();
    return gatherEvidence({ ...options, ...of });
  };
  if (target.local === null) {
    const access = await readAccess({ target }, given, env);
    const listenEndpoints = await listenEndpointsOf(target);
    const evidence = await look({ target, access, listenEndpoints, isStartedHere: false });
    return { evidence, target: targetWords(target) };
  }
  const open = await readyLocal(target.local, { flags: given, say: display.say });
  const cluster = await open(display.say);
  try {
    const evidence = await look(startedTarget(target, cluster));
    return { evidence, target: "a temporary cluster" };
  } finally {
    await cluster.stop();
  }
}

/** The metrics of members with a proxy in front of them are where they listen themselves. */
function startedTarget(
  target: RunPlan["target"],
  { endpoints, metricsEndpoints, access }: Target,
): Pick<GatherOptions, "target" | "access" | "listenEndpoints" | "isStartedHere"> {
  const own = endpoints ?? [];
  const listen = (metricsEndpoints ?? []).map((url) => url.replace(/^https?:\/\//, ""));
  return {
    target: {
      ...target,
      endpoints: [...own],
      metricsEndpoints: metricsEndpoints && [...metricsEndpoints],
    },
    access,
    listenEndpoints: new Map(listen.map((address, at) => [own[at]!, address])),
    isStartedHere: true,
  };
}

/** Of a cluster of bench, whose clients may come to its members through proxies. */
async function listenEndpointsOf({
  cluster: name,
}: RunPlan["target"]): Promise<ReadonlyMap<string, string>> {
  if (name === null) return new Map();
  const { targetCluster } = await import("../cluster/open-cluster.ts");
  const { cluster } = await targetCluster(name);
  return new Map(
    cluster.memberProcesses.map(({ settings }) => [settings.endpoint, settings.listen.endpoint]),
  );
}

function targetWords({ cluster, endpoints }: RunPlan["target"]): string {
  return cluster === null ? endpoints.join(", ") : `cluster ${cluster}`;
}

/** A line at each phase, and one each ten seconds. */
function progressOf(
  durationMs: number,
  display: ProgressDisplay,
): (progress: GatherProgress) => void {
  let phase = "";
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const nowMs = performance.now();
    if (progress.phase === phase && nowMs - saidAtMs < PROGRESS_MS) return;
    phase = progress.phase;
    saidAtMs = nowMs;
    const { elapsedSeconds, answering, members } = progress;
    const seconds = Math.floor(elapsedSeconds);
    const of =
      phase === "reading metrics"
        ? ` of ${answering} of ${formatNoun(members, "member")}, ${seconds} of ${durationMs / 1_000} s`
        : seconds === 0
          ? ""
          : `, ${seconds} s`;
    display.say(`${phase}${of}`);
  };
}
