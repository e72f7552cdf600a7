/** Words how many requests failed or were dropped on each side, where their shares differ. */
import type { RunResult } from "../result/schema.ts";
import { formatNoun } from "../text/noun.ts";
import { withThousands } from "../thousands.ts";
import type { Cell } from "./cells.ts";

const DIGITS = 2;

export function failureNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  const operations = base[0]!.operations.map((each) => each.name);
  return operations.flatMap((operation) => {
    return (["failed", "dropped"] as const).flatMap((what) => {
      const [ofBase, ofHead] = [sumOf(base, operation, what), sumOf(head, operation, what)];
      if (percentOf(ofBase) === percentOf(ofHead)) return [];
      const words = what === "failed" ? "failed" : "were dropped";
      return [
        `${name}: ${shareText(ofHead)} of ${operation} ${words} in ${headLabel}, ` +
          `${shareText(ofBase)} in ${baseLabel}.`,
      ];
    });
  });
}

interface Share {
  count: number;
  of: number;
}

function sumOf(runs: readonly RunResult[], operation: string, what: "failed" | "dropped"): Share {
  const all = runs.flatMap(({ operations }) => operations.filter(({ name }) => name === operation));
  return {
    count: all.reduce((sum, { requests }) => sum + requests[what], 0),
    of: all.reduce((sum, { requests }) => sum + requests.offered, 0),
  };
}

function shareText(share: Share): string {
  return `${withThousands(share.count)} of ${formatNoun(share.of, "request")} (${percentOf(share)})`;
}

/** `1.5%`. */
function percentOf({ count, of }: Share): string {
  return of === 0 ? "0%" : `${Number(((count / of) * 100).toPrecision(DIGITS))}%`;
}
