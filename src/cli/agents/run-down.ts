/** Carries out `bench agents down`. */
import { EXIT } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { takeAgentsDown } from "../../placement/down.ts";
import { writeNote, writeStandardOutput } from "../output/standard-output.ts";
import { DOWN_FLAGS } from "./agents-flags.ts";
import { folderOf, groupFrom } from "./open-placement.ts";

/** @param word the group's name, where --group does not give it */
export async function runDown(given: GivenFlags, word: string | undefined): Promise<number> {
  const flags = readFlags(DOWN_FLAGS, given);
  const { name, folder } = folderOf(groupFrom(word, flags.agentGroup));
  const failures = await takeAgentsDown({
    ...{
      name,
      folder,
      isForced: flags.isForced,
      say: writeNote,
      signal: new AbortController().signal,
    },
  });
  if (failures.length === 0) {
    await writeStandardOutput(`agents ${name}: ended and removed`);
    return EXIT.done;
  }
  for (const failure of failures) writeNote(`agents ${name}: ${failure}`);
  writeNote(`agents ${name}: the rest is ended; try again with bench agents down ${name}`);
  return EXIT.failed;
}
