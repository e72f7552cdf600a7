/**
 * Owns how many octets of a key or a value a workload uses for itself, which both the load that
 * writes them and the plan that leaves room for them go by.
 */

/** Behind the prefix of a key of stm: its index. */
export const STM_INDEX_BYTES = 4;
/** The beginning of a value of stm: the counter, as far as the value is that long. */
export const STM_COUNTER_BYTES = 6;
/** Behind the prefix of a key of lease-grant: the client's number and the key's. */
export const LEASE_KEY_TAIL_BYTES = 8;
/** Behind the prefix of a key of lock and election: two leases, the name's number and slashes, at most. */
export const CONTENTION_KEY_TAIL_BYTES = 45;
/** The value of an election's key: by whom, and in which term. */
export const TERM_MARK_BYTES = 8;
/** The beginning of a watched value, by which an event is known again. */
export const WATCH_MARK_BYTES = 8;
