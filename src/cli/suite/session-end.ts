/** Says at the end of a session where its results are, and how to go on with what is missing. */
import { isSuiteFolder } from "../../saved/suite-folder.ts";
import { shellLine } from "../../shell-words.ts";
import { formatNoun } from "../../text/noun.ts";

export interface SessionEnd {
  /** Null: it is not there any more. */
  folder: string | null;
  line: string;
}

/** @param resume words after `bench` that go on with the session */
export async function sessionEnd(
  folder: string,
  { runs, missing }: { runs: number; missing: number },
  resume: readonly string[],
): Promise<SessionEnd> {
  if (!(await isSuiteFolder(folder))) {
    const line = `${folder} was removed during the session: its results are in what is printed alone, and --resume cannot go on`;
    return { folder: null, line };
  }
  if (missing === 0) return { folder, line: `results are in ${folder}` };
  const what = `${missing} of ${formatNoun(runs, "run is", "runs are")} missing`;
  return { folder, line: `${what}; bench ${shellLine(resume)} goes on with what is missing` };
}
