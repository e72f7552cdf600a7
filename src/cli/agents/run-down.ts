/** Carries out `bench agents down`. */
import { EXIT } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { takeAgentsDown } from "../../placement/down.ts";
import { outgoingNote } from "../../text/outgoing.ts";
import { writeStandardError, writeStandardOutput } from "../output/standard-output.ts";
import { DOWN_FLAGS } from "./agents-flags.ts";
import { folderOf, nameFrom } from "./open-placement.ts";

/** @param word the group's name, where --name does not give it */
export async function runDown(given: GivenFlags, word: string | undefined): Promise<number> {
  const flags = readFlags(DOWN_FLAGS, given);
  const { name, folder } = folderOf(nameFrom(word, flags.name));
  const say = (line: string) => writeStandardError(`${outgoingNote(line)}\n`);
  const failures = await takeAgentsDown({
    ...{ name, folder, isForced: flags.isForced, say, signal: new AbortController().signal },
  });
  if (failures.length === 0) {
    await writeStandardOutput(`agents ${name}: ended and removed`);
    return EXIT.done;
  }
  for (const failure of failures) say(`agents ${name}: ${failure}`);
  say(`agents ${name}: the rest is ended; try again with bench agents down ${name}`);
  return EXIT.failed;
}
