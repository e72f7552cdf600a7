/** The flag that says where flags come from in addition to the command line. */
import { text } from "./vocabulary.ts";

export const CONFIG = text({
  group: "Output:",
  name: "config",
  shownDefault: "bench.yaml, where there is one",
  describe: "FILE that gives flags by their names, which BENCH_* variables and flags override",
});
