/** What all histograms of latencies have in common: their range and precision, and HdrHistogram V2's header. */

/** One hour; a value above it is recorded as it. */
export const HIGHEST_NS = 3.6e12;
export const LOWEST_NS = 1;
export const SIGNIFICANT_DIGITS = 3;

/** The low byte's upper half says "ZigZag LEB128 words". */
export const V2_COOKIE = 0x1c849313;
export const V2_HEADER_BYTES = 40;
