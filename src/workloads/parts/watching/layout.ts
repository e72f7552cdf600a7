/** The header of a watched value, by which an event is recognized. */
export const WATCH_HEADER_BYTES = 8;
