/** Octets of keys and values that lock and election use for themselves. */

/** After the prefix of a key: two leases, the name's number and slashes, at most. */
export const CONTENTION_KEY_TAIL_BYTES = 45;
/** The value of an election's key: by whom, and in which term. */
export const ELECTION_VALUE_BYTES = 8;
