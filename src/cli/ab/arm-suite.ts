/** Builds the suite of `bench ab`: one cell in two arms, its runs in turns, and its manifest. */
import type { Arm, ArmName, SESSION_LABELS } from "../../ab/arms.ts";
import { gatesOf, leastEffectsOf } from "../../compare/from-flags.ts";
import { gateText } from "../../compare/gates.ts";
import type { Flag, GivenFlags, Read } from "../../flags/flag.ts";
import { toolName } from "../../package-root.ts";
import { newResultId } from "../../result/id.ts";
import {
  type ArmComparison,
  MANIFEST_SCHEMA_VERSION,
  type SuiteManifest,
} from "../../saved/suite-folder.ts";
import { cellFlags } from "../../suite/command-shape.ts";
import { commandWords, flagSetOf } from "../../suite/flag-words.ts";
import { contentHash, manifestRuns, orderedRuns, withoutPassword } from "../../suite/runs.ts";
import { dataWithoutSecrets } from "../../text/secrets.ts";
import type { Command } from "../command.ts";
import { wordsWithAgents } from "../measure/agents.ts";
import { MEASURING_COMMANDS } from "../measure/measuring-commands.ts";
import type { PlannedCell } from "../suite/plans.ts";
import type { PlannedRun } from "../suite/session.ts";
import type { AB_FLAGS } from "./ab-flags.ts";

export interface ArmSuite {
  /** The arm that goes first in the first pair. */
  first: ArmName;
  cells: readonly PlannedCell[];
  runs: readonly PlannedRun[];
  /** Measured first, and thrown away. */
  warmup: readonly PlannedRun[];
  manifest: SuiteManifest;
}

export interface ArmSuiteGiven {
  arms: Record<ArmName, Arm>;
  workload: string;
  /** ab with the workload. */
  command: Command;
  positionals: readonly string[];
  flags: Read<typeof AB_FLAGS>;
  /** The same flags and those of the workload, as texts. */
  given: GivenFlags;
  first: ArmName;
}

/** @throws BenchError (usage) that names the flag */
export function armSuite(asked: ArmSuiteGiven): ArmSuite {
  const { arms, workload, command, positionals, flags, first } = asked;
  const isThere = arms.a.plan.target.local === null;
  const { pairs } = flags;
  const warmupPairs = flags.warmupPairs ?? (isThere ? 1 : 0);
  const measuring = MEASURING_COMMANDS.find(({ name }) => name === workload)!;
  // Runs are not held to their own verdict, as --strict would.
  const ofRun = cellFlags(measuring).filter(({ name }) => name !== "strict");
  const ofSession = cellFlags(command).filter(({ name }) => name !== "resume");
  const words = (shapes: readonly Flag[], of: GivenFlags) =>
    commandWords(workload, shapes, flagSetOf(of), positionals);
  const order = first === "a" ? [arms.a, arms.b] : [arms.b, arms.a];
  const cells = order.map((arm, index): PlannedCell => {
    return {
      name: `${workload}, ${arm.name}`,
      arm: arm.name,
      values: {},
      words: wordsWithAgents(words(ofRun, arm.flags), arm.plan),
      prepare: [],
      etcd: isThere ? "shared" : "fresh",
      serverArgs: arm.plan.target.local?.serverArgs ?? [],
      repeats: pairs,
      expectMs: null,
      placeOf: (flag) => (flag === "server-args" ? `--${arm.name}-args` : null),
      index,
      plan: arm.plan,
      flags: arm.flags,
      etcdFlag: arm.etcdFlag,
      // Printed before, all together.
      notes: [],
      preparePlans: [],
    };
  });
  const inTurns = (repeats: number) =>
    orderedRuns(
      cells.map((cell) => ({ ...cell, repeats })),
      "interleaved",
      0,
    );
  const runs = inTurns(pairs);
  const declared = comparisonOf(arms, flags, warmupPairs);
  const manifest: SuiteManifest = {
    kind: "suite",
    schemaVersion: MANIFEST_SCHEMA_VERSION,
    name: `ab-${workload}`,
    describe: null,
    source: "bench ab",
    startedAt: new Date().toISOString(),
    tool: toolName(),
    contentHash: contentHash(runs, ({ plan }) => plan.target, declared),
    arguments: ["ab", ...words(ofSession, asked.given).map(withoutPassword)],
    runs: manifestRuns(runs),
    comparison: { id: newResultId(), ...declared },
    failover: null,
  };
  return {
    ...{ first, cells, runs, warmup: inTurns(warmupPairs) },
    // As it is saved, so that it equals the saved one when the session is resumed.
    manifest: dataWithoutSecrets(manifest),
  };
}

function comparisonOf(
  { a, b }: Record<ArmName, Arm>,
  flags: Read<typeof AB_FLAGS>,
  warmupPairs: number,
): Omit<ArmComparison, "id"> {
  const leastEffects = [...flags.leastEffects];
  leastEffectsOf(leastEffects);
  return {
    armLabels: { a: a.label, b: b.label },
    isCanary: flags.isCanary,
    warmupPairs,
    gates: gatesOf(flags.gate).map(gateText),
    leastEffects,
    notes: a.plan.target.local === null ? [sharedDataNote(a, b)] : [],
  };
}

/** What the runs share with each other in clusters that are not started for each of them. */
function sharedDataNote(a: Arm, b: Arm): string {
  const keys =
    a.plan.cleanup && b.plan.cleanup
      ? "each run deletes the keys that it wrote (--cleanup)"
      : "each run finds the keys of the runs before, which had the same seed";
  return `The clusters ran before and were not restarted: ${keys}, and etcd's history grows from run to run.`;
}

/** The labels of a session's runs, by which they are compared and become a point of a trend. */
export function armLabels({ id, isCanary }: ArmComparison): (run: PlannedRun) => SessionLabels {
  return ({ cell, repeat }) => ({
    session: id,
    side: cell.arm!,
    pair: String(repeat),
    ...(isCanary ? { canary: "true" } : {}),
  });
}

type SessionLabels = { [Name in (typeof SESSION_LABELS)[number]]?: string };
