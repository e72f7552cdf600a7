/** Owns which folder a session of pairs is kept in, and whether it can be gone on with there. */
import path from "node:path";
import { loadSession, type Session, type StoredSession } from "../../ab/session.ts";
import { wholePairs } from "../../compare/whole-pairs.ts";
import { usageError } from "../../errors.ts";
import type { FlagValues } from "../command.ts";

/** Where the session's runs are kept, and those that are there already when it is gone on with. */
export async function placeOf(
  planned: Session,
  flags: FlagValues,
): Promise<{ folder: string; stored: StoredSession | null }> {
  const [save, resume] = [flags.save, flags.resume] as (string | undefined)[];
  if (resume === undefined) {
    if (save === "") throw usageError('--save: "" names no folder, e.g. --save=results/ab-conns');
    // Without a value it is every command's own folder, in which a session needs one of its own.
    const isNamed = save !== undefined && save !== "results";
    return { folder: isNamed ? save : path.join("results", `ab-${planned.id}`), stored: null };
  }
  if (save !== undefined) {
    throw usageError(
      "--resume and --save exclude each other: leave --save out, DIR is where the session is",
    );
  }
  if (resume === "") {
    throw usageError("--resume: name the folder that ab said, e.g. --resume=results/ab-ID");
  }
  const stored = await loadSession(resume);
  if (stored === null) {
    throw usageError(
      `--resume: ${resume} holds no session of bench ab; name the folder that ab said`,
    );
  }
  const differing = differenceOf(stored.session, planned);
  if (differing !== null) {
    throw usageError(
      `--resume: the session in ${resume} was begun with other flags (${differing} differs); give the same ones, ` +
        "or begin a new session",
    );
  }
  const { pairs } = wholePairs(stored.results.a, stored.results.b);
  if (pairs >= stored.session.pairs) {
    throw usageError(
      `--resume: ${resume} has all its ${stored.session.pairs} pairs, which were fixed before; compare it with bench compare ${resume}`,
    );
  }
  return { folder: resume, stored };
}

/** The first part that two sessions do not share; null where one can go on with the other. */
function differenceOf(stored: Session, planned: Session): string | null {
  const { id, isAFirst } = stored;
  const [one, other] = [flat(stored), flat({ ...planned, id, isAFirst })];
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].find((each) => one.get(each) !== other.get(each)) ?? null;
}

function flat(value: unknown, at = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[at, String(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, each]) => [
      ...flat(each, at === "" ? name : `${at}.${name}`),
    ]),
  );
}
