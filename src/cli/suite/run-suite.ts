/**
 * Carries out `bench run`: all errors of a suite are found first, then its runs are measured and
 * kept, and a suite that was cut short goes on with the runs that are missing.
 */
import path from "node:path";
import { EXIT, flagError, usageError } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { RESULTS_FOLDER } from "../../flags/output.ts";
import { toolName } from "../../package-root.ts";
import { assertWritable } from "../../result/atomic-file.ts";
import { leftKeysOfSession } from "../../run/left-keys-hint.ts";
import { claimSession, releasingClaims } from "../../saved/session-claim.ts";
import {
  beginSuiteFolder,
  inSuiteFolder,
  MANIFEST_SCHEMA_VERSION,
  readSuiteManifest,
  type SuiteManifest,
  saveSuiteRun,
} from "../../saved/suite-folder.ts";
import { shellLine } from "../../shell-words.ts";
import { boxedSuites, type FoundSuite, findSuite } from "../../suite/find.ts";
import { readSuite } from "../../suite/read.ts";
import { contentHash, manifestRuns, orderedRuns } from "../../suite/runs.ts";
import { formatNoun } from "../../text/noun.ts";
import { readArgv } from "../argv/argv.ts";
import { environment } from "../argv/environment.ts";
import { flagValues } from "../argv/flag-values.ts";
import type { Command } from "../command.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { liveDisplayFor } from "../live/live-display.ts";
import { checkCoordination, usingAgents } from "../measure/agents.ts";
import { MEASURING_COMMANDS } from "../measure/measuring-commands.ts";
import { openStreams, splitOutputs } from "../measure/streams.ts";
import { deliverResults, prepareDestination, toStandardOutput } from "../output/deliver-results.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { dryRunText } from "./dry-run.ts";
import { cellsWithAgents, planCells } from "./plans.ts";
import { earlierTimes, SuiteTimes, suiteFolders } from "./progress.ts";
import { cellsOfArms } from "./reference-arms.ts";
import { overridesOf, requestWords } from "./request.ts";
import { RUN_FLAGS } from "./run-flags.ts";
import { endLine, headline } from "./run-lines.ts";
import { runSuiteSession } from "./session.ts";
import { sessionEnd } from "./session-end.ts";
import { differenceOf, doneRuns } from "./session-folder.ts";
import { refuseSuiteLabels, suiteLabels } from "./suite-labels.ts";
import { SuiteTarget } from "./target.ts";
import { checkTargets, fetchEtcd } from "./targets.ts";

interface Begun {
  folder: string;
  manifest: SuiteManifest;
}

/**
 * `name` is null where it is not given; `command` is that of `bench run`, whose flags the manifest
 * keeps. Resolves to the exit code. @throws BenchError where nothing could be begun
 */
export function runSuite(
  name: string | null,
  given: GivenFlags,
  command: Command,
): Promise<number> {
  return releasingClaims(() => measureSuite(name, given, command));
}

async function measureSuite(
  name: string | null,
  given: GivenFlags,
  command: Command,
): Promise<number> {
  const env = environment();
  const begun = await findBegun(given, name);
  const all = begun === null ? given : { ...keptFlags(begun.manifest, command), ...given };
  const flags = readFlags(RUN_FLAGS, all);
  const found = findSuite(name ?? begun?.manifest.source ?? noSuite());
  const read = readSuite(found.file, found.text, MEASURING_COMMANDS);
  const { suite } = read;
  const { cells, order } = await cellsOfArms(
    all,
    overridesOf(all),
    suite.order,
    async (overrides) => cellsWithAgents(await planCells(read, overrides, env), all),
  );
  refuseSuiteLabels(cells);
  await checkCoordination(all);
  await checkTargets(cells);
  const runs = orderedRuns(cells, order, suite.seed);
  const display = await liveDisplayFor(flags, runs.length);
  const { output, receivers } = splitOutputs(flags.output);
  const destination = await prepareDestination(
    { ...flags, output, save: null },
    { defaultFormat: "summary" },
  );
  const times = new SuiteTimes(runs, await earlierTimes(RESULTS_FOLDER, suite.name, display.say));
  const manifest: SuiteManifest = {
    kind: "suite",
    schemaVersion: MANIFEST_SCHEMA_VERSION,
    name: suite.name,
    describe: suite.describe ?? null,
    source: found.source,
    startedAt: new Date().toISOString(),
    tool: toolName(),
    contentHash: contentHash(runs, ({ plan }) => plan.target),
    arguments: requestWords(all),
    runs: manifestRuns(runs),
    comparison: null,
    failover: null,
  };
  if (begun !== null) checkUnchanged(begun, manifest, found);
  const folder = begun?.folder ?? newFolder(flags.save, manifest);
  if (begun === null) await assertWritable(folder, "folder");
  if (flags.isDryRun) {
    const options = toStandardOutput(flags);
    const done = begun === null ? new Map() : await doneRuns(folder, manifest);
    await writeStandardOutput(dryRunText(runs, times, suite, options, done), options.color);
    return EXIT.done;
  }
  if (begun !== null) await claimSession(folder, "resume");
  await fetchEtcd(cells, display.say);
  const target = new SuiteTarget({ env, say: display.say, sayStart: display.say });
  const interrupts = listenForInterrupts(display.say);
  const asked = {
    ...{ given: all, plans: cells.map(({ plan }) => plan), say: display.say, interrupts },
    targets: () => target.named(cells),
  };
  const streams = await openStreams({ ...flags, receivers, say: display.say });
  try {
    if (begun === null) await beginSuiteFolder(folder, manifest);
    const done = await doneRuns(folder, manifest);
    display.say(
      begun === null
        ? `results go to ${folder}`
        : `${folder}: ${done.size} of ${formatNoun(runs.length, "run is", "runs are")} done`,
    );
    const left = runs.filter((_, at) => !done.has(at)).map(({ cell }) => cell);
    const outcome = await inSuiteFolder({ folder, manifest, isNew: begun === null }, async () => {
      await target.lookAt([...new Set(left)]);
      return usingAgents(asked, (workers) =>
        runSuiteSession(runs, {
          ...{ display, interrupts, target, done, times, ...workers },
          observers: [...display.observers, ...streams.observers],
          labelsOf: suiteLabels(suite.name),
          async keep(at, results) {
            await saveSuiteRun(folder, manifest.runs[at]!, results);
          },
          onRunBegins: (at) => display.say(headline(at, runs, times.from(at, done))),
          onKept: (at, results) => display.say(endLine(at, runs.length, results)),
        }),
      );
    });
    const { results } = outcome;
    await streams.end({ kind: "results", results }, interrupts.signal);
    interrupts.outputsBegin();
    const { exitCode } = await deliverResults(results, destination, flags, display);
    const { missing } = outcome;
    const resume = ["run", `--resume=${folder}`];
    const end = await sessionEnd(folder, { runs: runs.length, missing }, resume);
    display.say(end.line);
    const hint = await leftKeysOfSession(results, end.folder);
    if (hint !== null) display.say(hint);
    if (interrupts.signal.aborted) return EXIT.interrupted;
    return [exitCode, ...outcome.exitCodes].find((code) => code !== EXIT.done) ?? EXIT.done;
  } finally {
    await streams.close(interrupts.signal);
    interrupts.dispose();
  }
}

function noSuite(): never {
  throw usageError(
    `run needs a suite: a file, or a built-in one (${boxedSuites().join(", ")}), e.g. "bench run quick --local"; or --resume`,
  );
}

/** The suite that is to be resumed; null where none is. */
async function findBegun(given: GivenFlags, name: string | null): Promise<Begun | null> {
  const folder = RUN_FLAGS.resume.read(given);
  if (folder === null) return null;
  if (RUN_FLAGS.save.read(given) !== null) {
    throw flagError(
      "resume",
      "--resume and --save exclude each other: what is resumed has its folder",
    );
  }
  if (folder !== "") {
    const manifest = await readSuiteManifest(folder);
    if (manifest.comparison === null && manifest.failover === null) return { folder, manifest };
    throw flagError(
      "resume",
      `--resume: ${folder} holds a session of ${manifest.source}, which its own command goes on with: bench ${shellLine([...manifest.arguments, `--resume=${folder}`])}`,
    );
  }
  const { found, failures } = await suiteFolders(RESULTS_FOLDER);
  for (const begun of found) {
    const { folder, manifest } = begun;
    if (manifest.comparison !== null || manifest.failover !== null) continue;
    if (name !== null && manifest.source !== findSuite(name).source) continue;
    if ((await doneRuns(folder, manifest)).size < manifest.runs.length) return begun;
  }
  const of = name === null ? "suite" : `suite ${name}`;
  const unread = failures.map(({ message }) => `; ${message}`).join("");
  throw flagError(
    "resume",
    `--resume: no ${of} below ${RESULTS_FOLDER} has runs that are missing; name its folder, e.g. --resume=${RESULTS_FOLDER}/FOLDER${unread}`,
  );
}

/** The flags that the user gave when the suite was begun. */
function keptFlags({ arguments: words }: SuiteManifest, command: Command): GivenFlags {
  const read = readArgv([command.name, ...words], [command]);
  return flagValues({ ...read, command });
}

/** A suite of which half was measured otherwise would say nothing. */
function checkUnchanged(
  { folder, manifest }: Begun,
  now: SuiteManifest,
  { file }: FoundSuite,
): void {
  if (manifest.source !== now.source) {
    throw usageError(`${folder} is of the suite ${manifest.source}, not of ${now.source}`);
  }
  const difference = differenceOf(manifest, now);
  if (difference === null) return;
  throw usageError(
    `${file} is not the suite that ${folder} was begun with: ${difference}; restore it and its flags, or begin again without --resume`,
  );
}

/** `results/quick-20260801T101112Z`, or the folder that the user names. */
function newFolder(save: string | null, { name, startedAt }: SuiteManifest): string {
  if (save !== null && save !== "") return save;
  const time = startedAt.replace(/\.\d+/, "").replace(/[-:]/g, "");
  return path.join(RESULTS_FOLDER, `${name}-${time}`);
}
