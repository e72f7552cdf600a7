/** Carries out `bench cluster check`. */
import { EXIT } from "../../errors.ts";
import { procfileSentence, readProcfile } from "../../etcd/procfile/procfile.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { PROCFILE_FLAGS } from "./cluster-flags.ts";

/** goreman reads this one where none is named. */
const USUAL_FILE = "Procfile";

export async function checkProcfile(given: GivenFlags): Promise<number> {
  const { procfile, renamesDuplicates } = readFlags(PROCFILE_FLAGS, given);
  const { entries } = readProcfile(procfile ?? USUAL_FILE, renamesDuplicates);
  await writeStandardOutput(procfileSentence(entries));
  return EXIT.done;
}
