/** The flag that says where flags come from in addition to the command line. */
import { text } from "./vocabulary.ts";

export const CONFIG = text({
  group: "Output:",
  name: "config",
  shownDefault: "bench.yaml, if it exists",
  describe: "FILE with flags by their names; BENCH_* variables and the command line override it",
});
