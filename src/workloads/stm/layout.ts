/** Octets of keys and values that stm uses for itself. */

/** After the prefix of a key: its index. */
export const STM_INDEX_BYTES = 4;
/** The beginning of a value: the counter, as far as the value is that long. */
export const STM_COUNTER_BYTES = 6;
