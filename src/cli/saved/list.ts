/** Owns `bench list [DIR]`: what a folder keeps, a line each. */
import type { Command } from "../command.ts";
import { type FlagSpec, output } from "../flags/flag-spec.ts";

const LIST_FLAGS: readonly FlagSpec[] = [
  {
    ...output,
    name: "output",
    short: "o",
    repeatable: true,
    default: "table",
    describe: "FORMAT[=FILE]: table, markdown or json; to standard output without FILE",
  },
  {
    ...output,
    name: "no-color",
    kind: "switch",
    describe: "as with $NO_COLOR; $FORCE_COLOR colours without a terminal",
  },
];

export const listCommand: Command = {
  name: "list",
  summary: "List saved results: when, what, etcd, requests per second, p99, verdict, labels",
  positionals: "[dir]",
  minPositionals: 0,
  maxPositionals: 1,
  flags: LIST_FLAGS,
  examples: [
    ["list", "what --save has kept in results, and below it"],
    ["list nightly -o json=nightly-list.json", "another folder, also as data"],
  ],
  async run(flags, [folder]) {
    const { listSaved } = await import("./list-saved.ts");
    return listSaved(folder ?? null, flags);
  },
};
