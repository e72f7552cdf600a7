/** In place of an id, which is never 0: the client's lease was revoked, and it has no other. */
export const NO_LEASE = "0";
