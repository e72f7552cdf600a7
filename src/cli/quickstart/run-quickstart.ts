/**
 * Carries out `bench quickstart`: the suite `published` on a throwaway cluster of three, each row
 * capped in time so that all of them end within three minutes on two slow cores.
 */
import { EXIT } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { findSuite } from "../../suite/find.ts";
import { readSuite } from "../../suite/read.ts";
import { orderedRuns } from "../../suite/runs.ts";
import { environment } from "../argv/environment.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { MEASURING_COMMANDS } from "../measure/measuring-commands.ts";
import {
  deliverResults,
  displayFor,
  prepareDestination,
  toStandardOutput,
} from "../output/deliver-results.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { dryRunText } from "../suite/dry-run.ts";
import { planCells } from "../suite/plans.ts";
import { SuiteTimes } from "../suite/progress.ts";
import { endLine, headline } from "../suite/run-lines.ts";
import { runSuiteSession } from "../suite/session.ts";
import { suiteLabels } from "../suite/suite-labels.ts";
import { SuiteTarget } from "../suite/target.ts";
import { checkTargets, fetchEtcd } from "../suite/targets.ts";
import { QUICKSTART_FLAGS } from "./quickstart-flags.ts";

const LONGEST_RUN = "20s";

/** Resolves to the exit code. Throws a BenchError where no etcd could be found or started. */
export async function runQuickstart(given: GivenFlags): Promise<number> {
  const flags = readFlags(QUICKSTART_FLAGS, given);
  const env = environment();
  const destination = await prepareDestination(flags, { defaultFormat: "summary" });
  const { file, text } = findSuite("published");
  const read = readSuite(file, text, MEASURING_COMMANDS);
  const overrides = {
    sets: new Map([["duration", [LONGEST_RUN]]]),
    scale: 1,
    repeats: null,
    only: [],
    skip: [],
    flags: { local: "3", ...(flags.etcd !== null && { etcd: flags.etcd }) },
  };
  const cells = await planCells(read, overrides, env);
  await checkTargets(cells);
  const runs = orderedRuns(cells, read.suite.order, read.suite.seed);
  const display = displayFor(flags, runs.length);
  const times = new SuiteTimes(runs, new Map());
  if (flags.isDryRun) {
    const options = toStandardOutput(flags);
    await writeStandardOutput(dryRunText(runs, times, read.suite, options), options.color);
    return EXIT.done;
  }
  await fetchEtcd(cells, display.say);
  const interrupts = listenForInterrupts(display.say);
  try {
    const { results, exitCodes } = await runSuiteSession(runs, {
      display,
      interrupts,
      target: new SuiteTarget({ env, say: display.say, sayStart: display.say }),
      done: new Map(),
      times,
      labelsOf: suiteLabels(read.suite.name),
      onRunBegins: (at) => display.say(headline(at, runs, times.from(at))),
      onKept: (at, results) => display.say(endLine(at, runs.length, results)),
    });
    // Runs that had not begun when the user interrupted are missing, which the exit code shows.
    const { exitCode } = await deliverResults(results, destination, flags, display);
    if (interrupts.signal.aborted) return EXIT.interrupted;
    return [exitCode, ...exitCodes].find((code) => code !== EXIT.done) ?? EXIT.done;
  } finally {
    interrupts.dispose();
  }
}
