/** The beginning of a watched value, by which an event is known again. */
export const WATCH_MARK_BYTES = 8;
