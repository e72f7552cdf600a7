/** Finds the group of agents that a command is about. */
import { existsSync } from "node:fs";
import { flagError, usageError } from "../../errors.ts";
import { placementFolder, placementNames } from "../../placement/record.ts";
import { environment } from "../argv/environment.ts";

/** The group's name as a word, or by --group. @throws BenchError (usage) where they differ */
export function groupFrom(word: string | undefined, group: string | null): string | null {
  if (word === undefined) return group;
  if (group === null || group === word) return word;
  throw flagError("group", `${word} and --group=${group} are two groups: give one of them`);
}

/** @throws BenchError (usage) where there is none of the name, or no name and not just one */
export function folderOf(wanted: string | null): { name: string; folder: string } {
  const env = environment();
  const known = placementNames(env);
  const [only] = known;
  if (wanted === null && only === undefined) {
    throw usageError("no agents are up: start some with bench agents up --ssh=HOSTS");
  }
  if (wanted === null && known.length > 1) {
    throw flagError(
      "group",
      `there are ${known.length} groups of agents: give --group=${known.join(" or --group=")}`,
    );
  }
  const name = wanted ?? only!;
  const folder = placementFolder(name, env);
  if (existsSync(folder)) return { name, folder };
  const fix = only === undefined ? "start one with bench agents up" : `give ${known.join(" or ")}`;
  throw flagError("group", `there are no agents of the group ${name}: ${fix}`);
}
