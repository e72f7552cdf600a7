/** Owns the defaults of a session of pairs, as the text a person would have written. */
export const PAIR_DEFAULTS = { pairs: "20" } as const;
