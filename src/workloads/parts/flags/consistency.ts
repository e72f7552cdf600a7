/** `--consistency`: how reads are served. */
import { flagError } from "../../../errors.ts";
import { parsed } from "../../../flags/vocabulary.ts";
import type { Consistency } from "../consistency.ts";

const BY_WORD: ReadonlyMap<string, Consistency> = new Map([
  ["l", "linearizable"],
  ["linearizable", "linearizable"],
  ["s", "serializable"],
  ["serializable", "serializable"],
]);

const LETTER = { linearizable: "l", serializable: "s" } as const;

const words = { group: "Workload:", name: "consistency", default: "l" } as const;

/** One or both, for range alone. */
export const CONSISTENCIES = parsed(
  { ...words, describe: "l|s: linearizable or serializable; l,s: both, in turns" },
  {
    choices: ["l", "s"],
    parse: parseConsistencies,
    format: (all: Consistency[]) => all.map((each) => LETTER[each]).join(","),
  },
);

export const ONE_CONSISTENCY = parsed(
  { ...words, describe: "l|s: linearizable or serializable ranges" },
  {
    choices: ["l", "s"],
    parse(flag, text) {
      const [consistency, ...more] = parseConsistencies(flag, text);
      if (more.length === 0) return consistency!;
      throw flagError(
        "consistency",
        `${flag}=${text}: only range measures both in one run; give l or s`,
      );
    },
    format: (consistency: Consistency) => LETTER[consistency],
  },
);

function parseConsistencies(flag: string, text: string): Consistency[] {
  const found = text.split(",").flatMap((word) => BY_WORD.get(word.trim()) ?? []);
  if (found.length < text.split(",").length || new Set(found).size < found.length) {
    throw flagError(
      "consistency",
      `${flag}: ${JSON.stringify(text)} is not l (linearizable), s (serializable) or both, e.g. ${flag}=l,s`,
    );
  }
  return found;
}
