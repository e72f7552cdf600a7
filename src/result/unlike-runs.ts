/** Says of the runs of a session, which may be resumed elsewhere or later, what they do not have in common. */
import { machineOf } from "./machine-of.ts";
import type { RunResult } from "./schema.ts";

/** @param what the runs, e.g. `segments` */
export function unlikeNotes(runs: readonly RunResult[], what: string): string[] {
  const facts = [
    ["on different machines", "the machine's", machineOf],
    ["with different versions of etcd", "etcd's", ({ target }) => target.version],
    ["by different clients", "the client's", clientOf],
  ] as const satisfies [string, string, (run: RunResult) => string | null][];
  return facts.flatMap(([how, whose, of]) => {
    const found = [...new Set(runs.flatMap((run) => of(run) ?? []))];
    return found.length < 2
      ? []
      : [
          `The ${what} were measured ${how}, ${found.join(" and ")}: a change between them may be ${whose}.`,
        ];
  });
}

function clientOf({ environment: { tool, node } }: RunResult): string {
  return `${tool} on Node ${node}`;
}
