/** Finds the group of agents that a command is about. */
import { existsSync } from "node:fs";
import { flagError, usageError } from "../../errors.ts";
import { placementFolder, placementNames } from "../../placement/record.ts";
import { environment } from "../argv/environment.ts";

/** The group's name as a word, or by --name. @throws BenchError (usage) where they differ */
export function nameFrom(word: string | undefined, name: string | null): string | null {
  if (word === undefined) return name;
  if (name === null || name === word) return word;
  throw flagError("name", `${word} and --name=${name} are two groups: give one of them`);
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
      "name",
      `there are ${known.length} groups of agents: give --name=${known.join(" or --name=")}`,
    );
  }
  const name = wanted ?? only!;
  const folder = placementFolder(name, env);
  if (existsSync(folder)) return { name, folder };
  const fix = only === undefined ? "start one with bench agents up" : `give ${known.join(" or ")}`;
  throw flagError("name", `there are no agents of the name ${name}: ${fix}`);
}
