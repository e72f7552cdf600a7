/** The series of watch-get: the whole, what its watchers get and when they have all, and their creation. */
import { seriesHandles } from "../../load/series-handles.ts";
import { WATCH_CREATE } from "../parts/watching/series.ts";

export const CATCH_UP = "watch-catch-up";
export const SYNCED = "watch-synced";

const HANDLES = seriesHandles("whole", "catchUp", "synced", "create");

export const WATCH_GET_NUMBERS = HANDLES.numbers;

export const WATCH_GET_SERIES: readonly string[] = HANDLES.names({
  ...{ whole: "watch-get", catchUp: CATCH_UP, synced: SYNCED, create: WATCH_CREATE },
});
