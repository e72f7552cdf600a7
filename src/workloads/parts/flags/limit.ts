/** `--limit`: the most keys of an answer. */
import { count } from "../../../flags/vocabulary.ts";

/** As upstream, 0 is no limit. */
export const LIMIT = count({
  group: "Workload:",
  name: "limit",
  default: "0",
  min: 0,
  describe: "maximum number of keys in an answer; 0: all",
});
