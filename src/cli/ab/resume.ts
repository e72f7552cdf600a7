/** Finds the session that `bench ab` goes on with, or the folder of a new one. */
import path from "node:path";
import type { Arm, ArmName } from "../../ab/arms.ts";
import {
  continuedManifest,
  differenceFrom,
  type EarlierSession,
  loadEarlierSession,
} from "../../ab/earlier-session.ts";
import { usageError } from "../../errors.ts";
import { isSuiteFolder, readSuiteManifest, type SuiteManifest } from "../../result/suite-folder.ts";
import type { FlagValues } from "../command.ts";
import { differenceOf } from "../suite/session-folder.ts";

/** Where sessions are kept unless `--save` names a folder. */
const RESULTS = "results";

export interface ResumedSession {
  folder: string;
  saved: SuiteManifest | EarlierSession;
  /** The arm that goes first in the first pair. */
  first: ArmName;
}

/** Null without --resume. @throws BenchError (usage) if the folder holds no session */
export async function resumedSession(flags: FlagValues): Promise<ResumedSession | null> {
  const folder = flags.resume as string | undefined;
  if (folder === undefined) return null;
  if (flags.save !== undefined) {
    throw usageError(
      "--resume and --save exclude each other: leave --save out, DIR is where the session is",
    );
  }
  if (folder === "") {
    throw usageError("--resume: name the folder that ab printed, e.g. --resume=results/ab-ID");
  }
  if (await isSuiteFolder(folder)) {
    const saved = await readSuiteManifest(folder);
    const first = saved.runs[0]!.arm === "b" ? "b" : "a";
    if (saved.comparison !== null) return { folder, saved, first };
  } else {
    const saved = await loadEarlierSession(folder);
    if (saved !== null) return { folder, saved, first: saved.first };
  }
  throw usageError(
    `--resume: ${folder} holds no session of bench ab; name the folder that ab printed`,
  );
}

/**
 * The manifest to go on with: the saved one, or one that is made of an earlier session.
 * @throws BenchError (usage) if the session was begun with other flags
 */
export function manifestToResume(
  { folder, saved }: ResumedSession,
  planned: SuiteManifest,
  arms: Record<ArmName, Arm>,
): SuiteManifest {
  const isEarlier = "plans" in saved;
  const difference = isEarlier
    ? differenceFrom(saved, planned, arms)
    : differenceOf(saved, planned);
  if (difference === null) return isEarlier ? continuedManifest(saved, planned) : saved;
  throw usageError(
    `--resume: the session in ${folder} was begun with other flags (${difference}); give the same ones, ` +
      "or begin a new session",
  );
}

/** `results/ab-ID`, or the folder that the user names. @throws BenchError (usage) if it holds a session */
export async function newFolder(flags: FlagValues, { comparison }: SuiteManifest): Promise<string> {
  const save = flags.save as string | undefined;
  if (save === "") throw usageError('--save: "" names no folder, e.g. --save=results/ab-conns');
  // Without a value --save is the folder of all commands, in which a session needs one of its own.
  const isNamed = save !== undefined && save !== RESULTS;
  if (!isNamed) return path.join(RESULTS, `ab-${comparison!.id}`);
  if ((await isSuiteFolder(save)) || (await loadEarlierSession(save)) !== null) {
    throw usageError(
      `--save: ${save} holds a session already; --resume=${save} goes on with it, or name another folder`,
    );
  }
  return save;
}
