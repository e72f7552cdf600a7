/**
 * Carries out `bench soak`: one run for hours, whose rows are kept as they end, and the report over all
 * rows of the folder when it is over.
 */
import path from "node:path";
import { EXIT, flagError } from "../../errors.ts";
import { checkEventTimes } from "../../events/catalogue.ts";
import { type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import { RESULTS_FOLDER } from "../../flags/output.ts";
import { toolName } from "../../package-root.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { rowLine } from "../../report/soak/words.ts";
import { newResultId } from "../../result/id.ts";
import { leftKeysHint } from "../../run/left-keys-hint.ts";
import { checkBeforeTarget } from "../../run/prepare/before-target.ts";
import { SeenMembers } from "../../run/seen-members.ts";
import { claimSession, releasingClaims } from "../../saved/session-claim.ts";
import { shellLine } from "../../shell-words.ts";
import {
  cutTornRow,
  isSoakFolder,
  newManifest,
  readSoakManifest,
  readSoakResults,
  readSoakRows,
  type SoakManifest,
  saveSegment,
} from "../../soak/folder.ts";
import { soakReportOf } from "../../soak/report-of-folder.ts";
import { type ClientReading, RowMaker } from "../../soak/row-maker.ts";
import type { SoakRow } from "../../soak/row-schema.ts";
import { cellFlags } from "../../suite/command-shape.ts";
import { commandWords, flagSetOf } from "../../suite/flag-words.ts";
import { withoutPassword } from "../../suite/runs.ts";
import { formatNoun } from "../../text/noun.ts";
import { dataWithoutSecrets } from "../../text/secrets.ts";
import { planFromFlags, workloadNamed } from "../../workloads/catalogue.ts";
import { environment } from "../argv/environment.ts";
import { carryOut } from "../carry-out.ts";
import type { Command } from "../command.ts";
import { exitCodeOfSoak } from "../exit-code.ts";
import { reportFailure } from "../failure.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { liveDisplayFor } from "../live/live-display.ts";
import { checkCoordination, planWithAgents, usingAgents } from "../measure/agents.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import { dryRun } from "../measure/dry-run.ts";
import { openStreams, splitOutputs } from "../measure/streams.ts";
import { openTarget, planFor, type Target } from "../measure/target.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import { checkWritable, collectFailure, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { sayVerdict } from "../output/say-verdict.ts";
import { closingLine } from "./closing-line.ts";
import { RowLog } from "./row-log.ts";
import {
  findSoakTarget,
  haveSameFlags,
  refuseEmptied,
  refuseOtherCluster,
  resumeLine,
} from "./same-target.ts";
import { SOAK_FLAGS } from "./soak-flags.ts";

/** Of one segment's own result: its rows have the hours. */
const MOST_INTERVALS = 600;

/** Agents send, so that what this process has is no matter of the client. */
const NOT_HERE: ClientReading = { rssBytes: null, openFiles: null };

const { everyMs, resume, save, metricsListen } = SOAK_FLAGS;
const NOT_OF_THE_LOAD = new Set(
  [everyMs, resume, save, SOAK_FLAGS.output, metricsListen].map(({ name }) => name),
);

type Flags = Read<typeof SOAK_FLAGS>;

interface Session {
  folder: string;
  manifest: SoakManifest;
  /** Of the segments before. */
  rows: readonly SoakRow[];
}

/**
 * `workload` is the name of a load command, `command` is soak with that workload. Resolves to the exit
 * code. @throws BenchError where nothing could be begun
 */
export function runSoak(
  workload: string,
  command: Command,
  given: GivenFlags,
  positionals: readonly string[],
): Promise<number> {
  return releasingClaims(() => soak(workload, command, given, positionals));
}

async function soak(
  workload: string,
  command: Command,
  asGiven: GivenFlags,
  positionals: readonly string[],
): Promise<number> {
  const flags = readFlags(SOAK_FLAGS, asGiven);
  const { output, receivers } = splitOutputs(flags.output);
  const outputs = parseOutputs(output, "table", "soak");
  const discovery = new EndpointDiscovery();
  const given = await discovery.flags(asGiven);
  const env = await discovery.variablesFor(given, environment());
  const loadFlags = flagsOfLoad(given, flags);
  const { plan: planned, notes } = planFromFlags(
    { command: workload, flags: loadFlags, args: positionals },
    env,
  );
  // Operations that take turns share the time of a soak, which those of a run have each.
  checkEventTimes(planned.maintenance, flags.durationMs);
  const plan = planWithAgents(planned, given);
  await checkCoordination(given);
  const manifest = manifestOf(plan, flags, command, asGiven, positionals);
  const session =
    flags.resume === null ? await begin(flags, manifest) : await goOn(flags, manifest);
  const { folder } = session;
  const leftMs = Math.round(flags.durationMs - measuredMs(session.rows));
  if (leftMs < 1) {
    throw flagError(
      "resume",
      `--resume: ${folder} has all its time; print it with bench report ${folder}`,
    );
  }
  await checkBeforeTarget(limitedTo(plan, leftMs));
  await checkWritable(outputs, folder);
  if (flags.isDryRun) return dryRun(limitedTo(plan, leftMs), loadFlags);
  if (flags.resume === null) await claimSession(folder, "save");
  else await cutTornRow(folder);
  const display = await liveDisplayFor(flags);
  for (const note of notes) display.say(`note: ${note}`);
  const interrupts = listenForInterrupts(display.say);
  const streams = await openStreams({ ...flags, receivers, say: display.say });
  let target: Target | null = null;
  try {
    const opened = await openTarget(plan, given, env, display.say);
    target = opened;
    const targetPlan = planFor(plan, opened);
    const { access } = opened;
    const { target: etcd, revision } = await findSoakTarget(plan, access);
    refuseOtherCluster(folder, session.manifest, etcd, plan);
    refuseEmptied(folder, writesOf(plan, session.rows), revision);
    const kept = flags.resume === null ? { ...session.manifest, target: etcd } : session.manifest;
    const asked = {
      ...{ given, plans: [targetPlan], say: display.say, interrupts },
      targets: async () => [{ endpoints: targetPlan.target.endpoints, access }],
    };
    const log = new RowLog(folder, kept, display.say, session.rows);
    const segment = (session.rows.at(-1)?.segment ?? 0) + 1;
    const maker = new RowMaker({
      everyMs: flags.everyMs,
      segment,
      firstRow: (session.rows.at(-1)?.row ?? 0) + 1,
      ...(plan.load.agents !== undefined && { readClient: () => NOT_HERE }),
      onRow(row) {
        const clean = dataWithoutSecrets(row);
        display.say(rowLine(clean));
        log.add(clean);
      },
    });
    const seen = new SeenMembers(flags.resume === null ? [] : await readSoakResults(folder));
    const { results } = await usingAgents(asked, (workers) => {
      interrupts.runBegins();
      return carryOut(limitedTo(targetPlan, leftMs), {
        ...workers,
        ...{ onProgress: display.update, say: display.say, stop: interrupts.signal },
        observers: [maker, ...display.observers, ...streams.observers],
        seen,
        mostIntervals: MOST_INTERVALS,
        target: opened,
      });
    }).finally(async () => {
      display.end();
      maker.finish();
      await log.end();
    });
    const { rows: unwritten, failure, lostRows } = await log.end();
    const failures = failure === null ? [] : [failure];
    const result = results[0]!;
    if (lostRows !== null) result.notes.push(removedNote(folder, lostRows, segment));
    const save = () => collectFailure(() => saveSegment(folder, segment, result));
    let notSaved = await save();
    const report = await soakReportOf(session.manifest, folder, { rows: unwritten, results });
    const known = report.notes.length;
    await streams.end({ kind: "soak", report }, interrupts.signal);
    interrupts.outputsBegin();
    const notesOfStreams = report.notes.slice(known);
    if (notesOfStreams.length > 0) {
      result.notes.push(...notesOfStreams);
      notSaved = await save();
    }
    if (notSaved !== null) failures.push(notSaved);
    failures.push(
      ...(await writeOutputs(outputs, { kind: "soak", report }, toStandardOutput(flags))),
    );
    for (const each of failures) reportFailure(each);
    sayVerdict({ kind: "soak", report }, outputs, display);
    const isCutShort = interrupts.signal.aborted || result.status === "interrupted";
    display.say(
      closingLine({
        ...{ folder, rows: report.rows.length, unwritten: unwritten.length },
        resume: isCutShort ? resumeLine(kept, folder, plan) : null,
        isResumable: await isSoakFolder(folder),
      }),
    );
    const saved = notSaved === null ? folder : null;
    const hint = await leftKeysHint(plan, results, saved, {
      isFirst: segment === 1,
      isSaving: true,
    });
    if (hint !== null) display.say(hint);
    if (failures.length > 0 && !interrupts.signal.aborted) return EXIT.failed;
    return exitCodeOfSoak(report, results);
  } finally {
    await streams.close(interrupts.signal);
    await target?.stop();
    interrupts.dispose();
  }
}

function removedNote(folder: string, lostRows: number, segment: number): string {
  const rows = lostRows === 0 ? "" : `; ${formatNoun(lostRows, "row")} of it are in no figure`;
  const results = segment === 1 ? "" : "; what earlier segments found is lost but for their rows";
  return `${folder} was removed during the soak, and written again${rows}${results}.`;
}

/** Acknowledged ones, each of which made a revision. */
function writesOf({ workload }: RunPlan, rows: readonly SoakRow[]): number {
  const { makesRevision } = workloadNamed(workload.kind);
  return rows
    .flatMap(({ series }) => series)
    .filter(({ name }) => makesRevision(name))
    .reduce((sum, { succeeded }) => sum + succeeded, 0);
}

function measuredMs(rows: readonly SoakRow[]): number {
  return rows.reduce((sum, { durationSeconds }) => sum + durationSeconds * 1000, 0);
}

/** Of the workload, limited by the soak's time alone. */
function flagsOfLoad(given: GivenFlags, { durationMs }: Flags): GivenFlags {
  const kept = Object.entries(given).filter(([name]) => !NOT_OF_THE_LOAD.has(name));
  return { ...Object.fromEntries(kept), duration: given.duration ?? `${durationMs}ms` };
}

/** Operations that take turns share the time. */
function limitedTo(plan: RunPlan, wholeMs: number): RunPlan {
  const durationMs = wholeMs / workloadNamed(plan.workload.kind).passes(plan.workload);
  return { ...plan, limits: { ...plan.limits, totalRequests: null, durationMs } };
}

function manifestOf(
  plan: RunPlan,
  { everyMs, durationMs }: Flags,
  { fullName, flags: shapes }: Command,
  asGiven: GivenFlags,
  positionals: readonly string[],
): SoakManifest {
  const ofSession = cellFlags({ flags: shapes }).filter(({ name }) => name !== "resume");
  const [name, workload] = fullName!.split(" ");
  const words = commandWords(workload!, ofSession, flagSetOf(asGiven), positionals);
  return dataWithoutSecrets(
    newManifest({
      id: newResultId(),
      startedAt: new Date().toISOString(),
      tool: toolName(),
      describe: workloadNamed(plan.workload.kind).describe(plan.workload),
      everyMs,
      durationMs,
      maxErrorRate: plan.judge.maxErrorRate,
      arguments: [name!, ...words.map(withoutPassword)],
      target: null,
    }),
  );
}

/** @throws BenchError (usage) where the folder holds a soak already */
async function begin({ save }: Flags, manifest: SoakManifest): Promise<Session> {
  const isDefault = save === null || save === "" || save === RESULTS_FOLDER;
  const folder = isDefault ? path.join(RESULTS_FOLDER, `soak-${manifest.id}`) : save;
  if (!(await isSoakFolder(folder))) return { folder, manifest, rows: [] };
  throw flagError(
    "save",
    `--save: ${folder} holds a soak already; --resume=${folder} goes on with it, or name another folder`,
  );
}

/** @throws BenchError (usage) where the folder holds another soak, or none, or another process uses it */
async function goOn({ resume, save, isDryRun }: Flags, now: SoakManifest): Promise<Session> {
  if (save !== null) {
    throw flagError("resume", "--resume and --save exclude each other: leave --save out");
  }
  if (resume === null || resume === "" || !(await isSoakFolder(resume))) {
    throw flagError(
      "resume",
      "--resume: name the folder that soak printed, e.g. --resume=results/soak-ID",
    );
  }
  const manifest = await readSoakManifest(resume);
  if (!haveSameFlags(manifest, now.arguments)) {
    const line = shellLine([...manifest.arguments, `--resume=${resume}`]);
    throw flagError(
      "resume",
      `--resume: the soak in ${resume} was begun with other flags; give the same ones: bench ${line}`,
    );
  }
  if (!isDryRun) await claimSession(resume, "resume");
  return { folder: resume, manifest, rows: await readSoakRows(resume) };
}
