/** Owns what `bench ab` does: reads two sides, measures them in turns, keeps each run, and judges. */
import { randomInt } from "node:crypto";
import { PAIR_DEFAULTS } from "../../ab/defaults.ts";
import {
  compareSession,
  createSession,
  discardSession,
  SESSION_SCHEMA_VERSION,
  type Session,
} from "../../ab/session.ts";
import { type Side, type SideFlags, sidesFromFlags } from "../../ab/sides.ts";
import type { SideName } from "../../ab/turns.ts";
import { gatesOf, leastEffectsOf } from "../../compare/from-flags.ts";
import { gateText } from "../../compare/gates.ts";
import { wholePairs } from "../../compare/whole-pairs.ts";
import { BenchError, EXIT, usageError } from "../../errors.ts";
import type { Invocation } from "../../plan/from-flags.ts";
import type { PlanFlags } from "../../plan/plan-flags.ts";
import { badValue, parseCount, readFraction } from "../../plan/units.ts";
import { newResultId } from "../../result/id.ts";
import { aroundRunMs, estimateRun, sumOf, type WholeEstimate } from "../../suite/estimate.ts";
import { dataWithoutSecrets } from "../../text/secrets.ts";
import { environment } from "../argv/environment.ts";
import type { Command, FlagValues } from "../command.ts";
import { reportFailure } from "../failure.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import { readyTarget, type TargetOpener } from "../measure/target.ts";
import { displayFor, type ResultFlags } from "../output/deliver-results.ts";
import { checkWritable, parseOutputs } from "../output/outputs.ts";
import { writeComparison } from "../saved/compare-saved.ts";
import { placeOf } from "../suite/session-place.ts";
import { SessionRun } from "../suite/session-run.ts";
import { planLines } from "./ab-words.ts";
import { sideFlagsOf } from "./side-flags.ts";

const MAX_PAIRS = 1_000;

/**
 * `workload` is the name of a load command, `command` is ab with that behind it. Resolves to the exit code. Throws a BenchError where no session could be begun.
 */
export async function runAb(
  workload: Invocation["command"],
  command: Command,
  flags: FlagValues,
  positionals: readonly string[],
): Promise<number> {
  const discovery = new EndpointDiscovery();
  const given = {
    shared: await discovery.flags(flags as PlanFlags),
    a: await discoveredSide("a", sideFlagsOf("a", command, flags), discovery),
    b: await discoveredSide("b", sideFlagsOf("b", command, flags), discovery),
  };
  const env = await discovery.variablesFor(flagsOfAll(given), environment());
  const isCanary = flags.canary === true;
  const sides = sidesFromFlags(
    {
      command: workload,
      positionals,
      ...given,
      // Of runs alone strict would mean that each is held to its own verdict.
      shared: { ...given.shared, strict: false },
      isCanary,
    },
    env,
  );
  const noise = noiseOf(flags.noise as string | undefined);
  // As it is kept, so that it can be told from another one when it is resumed.
  const planned = dataWithoutSecrets(sessionOf(sides, flags, isCanary));
  const outputs = parseOutputs((flags.output as string[] | undefined) ?? [], "table", "comparison");
  const { folder, stored } = await placeOf(planned, flags);
  await checkWritable(outputs, folder);
  const session = stored?.session ?? planned;

  const display = displayFor(flags as ResultFlags, Number.POSITIVE_INFINITY);
  const { pairs, warmupPairs, isAFirst } = session;
  const gates = session.gates.length;
  const outlook = { pairs, warmupPairs, isAFirst, gates, noise, pairTime: pairTime(sides) };
  for (const line of planLines(outlook)) display.say(line);
  const notes = [...notesOf(sides, isCanary), ...session.notes];
  for (const note of notes) display.say(`note: ${note}`);
  const interrupts = listenForInterrupts(display.say);
  try {
    const openers = {
      a: await openerOf(sides.a, env, display.say),
      b: await openerOf(sides.b, env, display.say),
    };
    if (stored === null) await createSession(folder, session);
    display.say(`runs are kept in ${folder}`);
    interrupts.runBegins();
    const measuring = new SessionRun(session, {
      folder,
      sides,
      openers,
      display,
      outlook,
      stop: interrupts.signal,
    });
    const failure = await measuring.carryOut(stored);
    display.end();
    const { a, b } = measuring.results;
    if (a.length + b.length === 0) await discardSession(folder);
    const isStopped = interrupts.signal.aborted;
    if (wholePairs(a, b).pairs === 0) {
      if (failure !== null) return reportFailure(failure);
      display.say("no pair is whole: there is nothing to judge");
      return isStopped ? EXIT.interrupted : EXIT.failed;
    }
    const comparison = compareSession(session, measuring.results);
    const exitCode = await writeComparison(comparison, outputs, flags);
    if (isStopped) return EXIT.interrupted;
    return failure === null ? exitCode : reportFailure(failure);
  } finally {
    interrupts.dispose();
  }
}

async function discoveredSide(
  name: SideName,
  own: SideFlags,
  discovery: EndpointDiscovery,
): Promise<SideFlags> {
  if (own.flags === undefined) return own;
  try {
    return { ...own, flags: await discovery.flags(own.flags) };
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    throw new BenchError(`--${name}-flags: ${cause.message}`, cause.exitCode, { cause });
  }
}

/** Whether anything names an etcd: a variable then names none. */
function flagsOfAll({ shared, a, b }: { shared: PlanFlags; a: SideFlags; b: SideFlags }) {
  const startsClusters = [a, b].some(
    ({ etcd, args, flags }) =>
      etcd !== undefined || args !== undefined || flags?.local !== undefined,
  );
  const areNamed = [a, b].every(
    ({ endpoints, flags }) => (endpoints ?? flags?.endpoints) !== undefined,
  );
  const named: PlanFlags = { ...shared };
  if (startsClusters) named.local = "1";
  if (areNamed) named.endpoints = "";
  return named;
}

/** A run of each side: what its plan says, and its cost around that. */
function pairTime({ a, b }: Record<SideName, Side>): WholeEstimate {
  const each = ({ plan }: Side) => ({
    estimate: estimateRun(plan, { earlierMs: null, expectMs: null }),
    aroundMs: aroundRunMs(plan, true),
  });
  return sumOf([each(a), each(b)]);
}

function noiseOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const noise = readFraction(text);
  if (noise === null || noise === 0) throw badValue("--noise", text, "a share above 0", "3%");
  return noise;
}

function sessionOf(sides: Record<SideName, Side>, flags: FlagValues, isCanary: boolean): Session {
  const isThere = sides.a.plan.target.local === null;
  const count = (name: "pairs" | "warmup-pairs", otherwise: string, min: number) => {
    const text = (flags[name] as string | undefined) ?? otherwise;
    return parseCount(`--${name}`, text, { min, max: MAX_PAIRS, example: otherwise });
  };
  const planOf = ({ label, plan }: Side) => ({ label, plan });
  return {
    kind: "ab-session",
    schemaVersion: SESSION_SCHEMA_VERSION,
    id: newResultId(),
    pairs: count("pairs", PAIR_DEFAULTS.pairs, 2),
    warmupPairs: count("warmup-pairs", isThere ? "1" : "0", 0),
    isCanary,
    isAFirst: randomInt(2) === 0,
    gates: gatesOf(flags.gate as string | undefined).map(gateText),
    leastEffects: leastEffectsOf((flags["least-effect"] as string[] | undefined) ?? []),
    sides: { a: planOf(sides.a), b: planOf(sides.b) },
    notes: isThere ? [sharedDataNote(sides)] : [],
  };
}

/** What is equal in clusters that the runs share with each other, and what is not. */
function sharedDataNote({ a, b }: Record<SideName, Side>): string {
  const clean = a.plan.cleanup && b.plan.cleanup;
  const keys = clean
    ? "each run deletes the keys that it wrote (--cleanup)"
    : "each run finds the keys of the runs before, which had the same seed";
  return `The clusters were there before and were not started anew: ${keys}, and etcd's history grows from run to run.`;
}

function notesOf({ a, b }: Record<SideName, Side>, isCanary: boolean): string[] {
  const same =
    JSON.stringify([a.plan, a.flags.etcd]) === JSON.stringify([b.plan, b.flags.etcd]) && !isCanary
      ? ["a and b are the same; --canary says so in the report too, and tells the noise"]
      : [];
  return [...new Set([...a.notes, ...b.notes, ...same])];
}

/** Flags of etcd are tried on a cluster that is taken down again, before anything is measured. */
async function openerOf(
  { name, plan, flags, etcdFlag }: Side,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<TargetOpener> {
  const sayOfSide = (line: string) => say(`${name}: ${line}`);
  const open = await readyTarget(plan, { flags, env, say: sayOfSide, etcdFlag });
  const { serverArgs = [] } = plan.target.local ?? {};
  if (serverArgs.length === 0) return open;
  try {
    await (await open(() => {})).stop();
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    throw usageError(`--${name}-args: ${cause.message}`, cause);
  }
  return open;
}
