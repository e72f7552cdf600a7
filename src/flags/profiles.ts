/** The kinds of profiles that etcd is asked for, as a user writes them: `cpu,heap`. */
import { flagError } from "../errors.ts";

const KINDS = ["cpu", "heap"] as const;
type Kind = (typeof KINDS)[number];

/** @throws BenchError (usage) that names `flag` for another word */
export function parseProfiles(flag: string, text: string): Kind[] {
  if (text === "") return [];
  const words = text.split(",").map((word) => word.trim());
  const unknown = words.find((word) => !KINDS.some((kind) => kind === word));
  if (unknown !== undefined) {
    throw flagError(
      flag.slice(2),
      `${flag}: ${JSON.stringify(unknown)} is not one of ${KINDS.join(", ")}, e.g. ${flag}=cpu,heap`,
    );
  }
  return KINDS.filter((kind) => words.includes(kind));
}

export function formatProfiles(kinds: readonly Kind[]): string {
  return kinds.join(",");
}
