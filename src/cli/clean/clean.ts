/** Declares `bench clean`: deletes the keys that earlier runs have left in etcd. */
import type { Command } from "../command.ts";
import { CLEAN_FLAGS } from "./clean-flags.ts";

export const cleanCommand: Command = {
  name: "clean",
  summary:
    "Delete keys that earlier runs left, by their saved results or a prefix, after showing them",
  positionals: "[result..]",
  minPositionals: 0,
  maxPositionals: Number.POSITIVE_INFINITY,
  flags: Object.values(CLEAN_FLAGS),
  examples: [
    ["clean results/run.json", "the keys that a saved run may have left; asks before it deletes"],
    ["clean results --yes", "those of all results in a folder, without a question"],
    ["clean --prefix=bench-stm/", "all keys below a prefix; in a pipe it counts them and stops"],
  ],
  async run(flags, paths) {
    const { runClean } = await import("./run-clean.ts");
    return runClean(paths, flags);
  },
};
