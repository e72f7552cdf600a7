/** Names where a client of a run that records availability is attached: at a member, or at all of them. */

/** The client that knows all endpoints and takes one whose connection is up. */
export const ALL_ENDPOINTS = "all";
