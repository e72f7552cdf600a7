/**
 * Carries out `bench failover`: its trials and controls in a shuffled order, each kept as soon as it has
 * ended, and the report over all of them at the end.
 */
import path from "node:path";
import { BenchError, EXIT, flagError } from "../../errors.ts";
import { reportOfTrials } from "../../failover/saved-trials.ts";
import { type Flag, type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import { RESULTS_FOLDER } from "../../flags/output.ts";
import { toolName } from "../../package-root.ts";
import { newResultId } from "../../result/id.ts";
import { claimSession, releasingClaims } from "../../saved/session-claim.ts";
import {
  beginSuiteFolder,
  inSuiteFolder,
  isSuiteFolder,
  MANIFEST_SCHEMA_VERSION,
  readSuiteManifest,
  type SuiteManifest,
  saveSuiteRun,
} from "../../saved/suite-folder.ts";
import { shellLine } from "../../shell-words.ts";
import { cellFlags } from "../../suite/command-shape.ts";
import { describeEstimate, doneWords } from "../../suite/estimate.ts";
import { commandWords, flagSetOf } from "../../suite/flag-words.ts";
import { contentHash, manifestRuns, withoutPassword } from "../../suite/runs.ts";
import { formatNoun } from "../../text/noun.ts";
import { dataWithoutSecrets } from "../../text/secrets.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";
import { environment } from "../argv/environment.ts";
import type { Command } from "../command.ts";
import { reportFailure } from "../failure.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { liveDisplayFor } from "../live/live-display.ts";
import { checkCoordination, usingAgents } from "../measure/agents.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import { openStreams, splitOutputs } from "../measure/streams.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import { checkWritable, parseOutputs, writeOutputs } from "../output/outputs.ts";
import { sayVerdict } from "../output/say-verdict.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { SuiteTimes } from "../suite/progress.ts";
import { runSuiteSession } from "../suite/session.ts";
import { sessionEnd } from "../suite/session-end.ts";
import { differenceOf, doneRuns } from "../suite/session-folder.ts";
import { SuiteTarget } from "../suite/target.ts";
import { checkTargets } from "../suite/targets.ts";
import { FAILOVER_FLAGS } from "./failover-flags.ts";
import { type PlannedTrials, planTrials } from "./plan-trials.ts";
import { trialLabels } from "./trial-labels.ts";
import { trialLine } from "./trial-line.ts";

type Flags = Read<typeof FAILOVER_FLAGS>;

/** Resolves to the exit code. @throws BenchError where no trial could be begun */
export function runFailover(given: GivenFlags, command: Pick<Command, "flags">): Promise<number> {
  return releasingClaims(() => measureTrials(given, command));
}

async function measureTrials(
  asGiven: GivenFlags,
  { flags: shapes }: Pick<Command, "flags">,
): Promise<number> {
  const flags = readFlags(FAILOVER_FLAGS, asGiven);
  const discovery = new EndpointDiscovery();
  const given = await discovery.flags(asGiven);
  const env = await discovery.variablesFor(given, environment());
  const { output, receivers } = splitOutputs(flags.output);
  const outputs = parseOutputs(output, "table", "failover");
  const planned = await inFlagsOfTrials(() => planTrials(flags, { asGiven, given }, env));
  await checkCoordination(given);
  const { cells, runs } = planned;
  const manifest = manifestOf(planned, flags, asGiven, shapes);
  const begun = flags.resume === null ? null : await begunIn(flags.resume, manifest, flags);
  const folder = begun?.folder ?? (await newFolder(flags, manifest));
  await checkWritable(outputs, folder);
  const display = await liveDisplayFor(flags, runs.length);
  const times = new SuiteTimes(runs, new Map());
  if (flags.isDryRun) {
    await inFlagsOfTrials(() => checkTargets(cells));
    const done = begun === null ? new Map() : await doneRuns(folder, begun.manifest);
    await writeStandardOutput(dryRunText(planned, times, done), false);
    return EXIT.done;
  }
  if (begun !== null) await claimSession(folder, "resume");
  await inFlagsOfTrials(() => checkTargets(cells));
  const interrupts = listenForInterrupts(display.say);
  const streams = await openStreams({ ...flags, receivers, say: display.say });
  try {
    if (begun === null) await beginSuiteFolder(folder, manifest);
    const session = begun?.manifest ?? manifest;
    const done = await doneRuns(folder, session);
    display.say(
      begun === null
        ? `${formatNoun(runs.length, "run")}, ${describeEstimate(times.from(0))}; they go to ${folder}`
        : `${folder}: ${done.size} of ${formatNoun(runs.length, "run is", "runs are")} done`,
    );
    const byRun = new Map(done);
    const target = new SuiteTarget({ env, say: display.say, sayStart: () => {} });
    const asked = {
      ...{ given, plans: cells.map(({ plan }) => plan), say: display.say, interrupts },
      targets: () => target.named(cells),
    };
    const left = runs.filter((_, at) => !done.has(at)).map(({ cell }) => cell);
    const outcome = await inSuiteFolder(
      { folder, manifest: session, isNew: begun === null },
      async () => {
        await inFlagsOfTrials(() => target.lookAt(left));
        return usingAgents(asked, (workers) =>
          runSuiteSession(runs, {
            ...{ display, interrupts, target, done, times, ...workers },
            observers: [...display.observers, ...streams.observers],
            labelsOf: trialLabels(session.failover!.id),
            async keep(at, results) {
              byRun.set(at, results);
              await saveSuiteRun(folder, session.runs[at]!, results);
            },
            onKept: (at, results) =>
              display.say(
                `${at + 1} of ${runs.length}: ${trialLine(runs[at]!.cell.name, results)}`,
              ),
          }),
        );
      },
    );
    display.end();
    const report = reportOfTrials({
      ...{ thresholds: flags.thresholds, byRun },
      manifest: { ...session, trials: session.failover! },
      describe: ({ plan }) => workloadNamed(plan.workload.kind).describe(plan.workload),
    });
    if (report === null) {
      await streams.end({ kind: "results", results: [] }, interrupts.signal);
      display.say("no run has a result: there is nothing to report");
      return outcome.exitCodes[0] ?? (interrupts.signal.aborted ? EXIT.interrupted : EXIT.failed);
    }
    const subject = { kind: "failover", report } as const;
    await streams.end(subject, interrupts.signal);
    interrupts.outputsBegin();
    const failures = await writeOutputs(outputs, subject, toStandardOutput(flags));
    for (const failure of failures) reportFailure(failure);
    sayVerdict(subject, outputs, display);
    const { missing } = outcome;
    const resume = [...session.arguments, `--resume=${folder}`];
    display.say((await sessionEnd(folder, { runs: runs.length, missing }, resume)).line);
    if (interrupts.signal.aborted) return EXIT.interrupted;
    if (failures.length > 0 || report.verdict.kind !== "passed") return EXIT.failed;
    return outcome.exitCodes.find((code) => code !== EXIT.done) ?? EXIT.done;
  } finally {
    await streams.close(interrupts.signal);
    interrupts.dispose();
  }
}

/** Errors of a trial's plan name --duration, which follows from other flags here. */
async function inFlagsOfTrials<Made>(work: () => Made | Promise<Made>): Promise<Made> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const { message, exitCode, flag } = error;
    const told = message.replace(/--duration(?![\w=-])/g, "--before, --after");
    throw new BenchError(told, exitCode, { cause: error, flag });
  }
}

function manifestOf(
  { runs, events }: PlannedTrials,
  { thresholds }: Flags,
  given: GivenFlags,
  shapes: readonly Flag[],
): SuiteManifest {
  const ofSession = cellFlags({ flags: shapes }).filter(({ name }) => name !== "resume");
  const words = commandWords("failover", ofSession, flagSetOf(given), []);
  return dataWithoutSecrets({
    kind: "suite",
    schemaVersion: MANIFEST_SCHEMA_VERSION,
    name: "failover",
    describe: null,
    source: "bench failover",
    startedAt: new Date().toISOString(),
    tool: toolName(),
    contentHash: contentHash(runs, ({ plan }) => plan.target),
    arguments: words.map(withoutPassword),
    runs: manifestRuns(runs),
    comparison: null,
    failover: {
      ...{ id: newResultId(), events: [...events] },
      thresholds: thresholds.map(({ expression }) => expression),
    },
  });
}

/** @throws BenchError (usage) where the folder holds other trials, or none */
async function begunIn(folder: string, now: SuiteManifest, { save }: Flags) {
  if (save !== null) {
    throw flagError("resume", "--resume and --save exclude each other: leave --save out");
  }
  if (folder === "") {
    throw flagError(
      "resume",
      "--resume: name the folder that failover printed, e.g. --resume=results/failover-ID",
    );
  }
  const manifest = await readSuiteManifest(folder);
  if (manifest.failover === null) {
    throw flagError(
      "resume",
      `--resume: ${folder} holds no trials of bench failover; name the folder that it printed`,
    );
  }
  const difference = differenceOf(manifest, now);
  if (difference === null) return { folder, manifest };
  throw flagError(
    "resume",
    `--resume: the trials in ${folder} were begun with other flags (${difference}); give the same ones: bench ${shellLine([...manifest.arguments, `--resume=${folder}`])}`,
  );
}

async function newFolder({ save }: Flags, { failover }: SuiteManifest): Promise<string> {
  if (save === null || save === "" || save === RESULTS_FOLDER) {
    return path.join(RESULTS_FOLDER, `failover-${failover!.id}`);
  }
  if (!(await isSuiteFolder(save))) return save;
  throw flagError(
    "save",
    `--save: ${save} holds a session already; --resume=${save} goes on with it, or name another folder`,
  );
}

function dryRunText(
  { runs, cells, events }: PlannedTrials,
  times: SuiteTimes,
  done: ReadonlyMap<number, unknown>,
): string {
  const inOrder = cells.map(
    ({ name, words }) => `${name}: bench ${shellLine(words.map(withoutPassword))}`,
  );
  return `${[
    `failover: ${events.join(" and ")}; ${formatNoun(runs.length, "run")} in a shuffled order${doneWords(done.size)}, ${describeEstimate(times.from(0, done))}`,
    ...inOrder,
  ].join("\n")}\n`;
}
