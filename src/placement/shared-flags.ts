/** Flags of `bench agents up` that several engines have. */
import { text } from "../flags/vocabulary.ts";

export const NODE = text({
  group: "Agents:",
  name: "node",
  default: "node",
  describe: "with --ssh or --slurm: PATH of Node 20 or newer there",
});
