/** Finds the session that `bench ab` goes on with, or the folder of a new one. */
import path from "node:path";
import type { Arm, ArmName } from "../../ab/arms.ts";
import {
  continuedManifest,
  differenceFrom,
  type EarlierSession,
  loadEarlierSession,
} from "../../ab/earlier-session.ts";
import { flagError } from "../../errors.ts";
import { RESULTS_FOLDER } from "../../flags/output.ts";
import { isSuiteFolder, readSuiteManifest, type SuiteManifest } from "../../saved/suite-folder.ts";
import { differenceOf } from "../suite/session-folder.ts";

export interface ResumedSession {
  folder: string;
  saved: SuiteManifest | EarlierSession;
  /** The arm that goes first in the first pair. */
  first: ArmName;
}

interface SessionFlags {
  resume: string | null;
  save: string | null;
}

/** Null without --resume. @throws BenchError (usage) if the folder holds no session */
export async function resumedSession({
  resume: folder,
  save,
}: SessionFlags): Promise<ResumedSession | null> {
  if (folder === null) return null;
  if (save !== null) {
    throw flagError(
      "resume",
      "--resume and --save exclude each other: leave --save out, DIR is where the session is",
    );
  }
  if (folder === "") {
    throw flagError(
      "resume",
      "--resume: name the folder that ab printed, e.g. --resume=results/ab-ID",
    );
  }
  if (await isSuiteFolder(folder)) {
    const saved = await readSuiteManifest(folder);
    const first = saved.runs[0]!.arm === "b" ? "b" : "a";
    if (saved.comparison !== null) return { folder, saved, first };
  } else {
    const saved = await loadEarlierSession(folder);
    if (saved !== null) return { folder, saved, first: saved.first };
  }
  throw flagError(
    "resume",
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
  throw flagError(
    "resume",
    `--resume: the session in ${folder} was begun with other flags (${difference}); give the same ones, ` +
      "or begin a new session",
  );
}

/** `results/ab-ID`, or the folder that the user names. @throws BenchError (usage) if it holds a session */
export async function newFolder(
  { save }: SessionFlags,
  { comparison }: SuiteManifest,
): Promise<string> {
  if (save === "")
    throw flagError("save", '--save: "" names no folder, e.g. --save=results/ab-conns');
  // Without a value --save is the folder of all commands, in which a session needs one of its own.
  const isNamed = save !== null && save !== RESULTS_FOLDER;
  if (!isNamed) return path.join(RESULTS_FOLDER, `ab-${comparison!.id}`);
  if ((await isSuiteFolder(save)) || (await loadEarlierSession(save)) !== null) {
    throw flagError(
      "save",
      `--save: ${save} holds a session already; --resume=${save} goes on with it, or name another folder`,
    );
  }
  return save;
}
