/** `bench list [DIR]`: what a folder keeps, a line each. */

import type { Command } from "../command.ts";
import { LIST_FLAGS } from "./list-flags.ts";

export const listCommand: Command = {
  name: "list",
  summary: "List saved results: when, what, etcd, requests per second, p99, verdict, labels",
  positionals: "[dir]",
  minPositionals: 0,
  maxPositionals: 1,
  flags: Object.values(LIST_FLAGS),
  examples: [
    ["list", "what --save has saved in results, and below it"],
    ["list nightly -o json=nightly-list.json", "another folder, also as data"],
    ["list --command=put --since=2026-08-01", "results of put since a day"],
  ],
  async run(flags, [folder]) {
    const { listSaved } = await import("./list-saved.ts");
    return listSaved(folder ?? null, flags);
  },
};
