/** Tells whether a call failed over its token alone, so that a new token lets it succeed. */

// gRPC's numbers; both of our clients know them by names of their own.
const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const UNAUTHENTICATED = 16;

/**
 * etcd does not know the token (any more), or users or roles have changed since it was given. 3.4
 * and newer report this in the same words, before they process anything; the lock and the election
 * service pass the error on as UNKNOWN.
 */
export function isTokenRefused(status: number, message: string): boolean {
  const isUnknown = message.includes("invalid auth token");
  const isStale =
    message.includes("revision of auth store is old") || message.includes("user name is empty");
  switch (status) {
    case UNAUTHENTICATED:
      return isUnknown;
    case INVALID_ARGUMENT:
      return isStale;
    case UNKNOWN:
      return isUnknown || isStale || message.includes("code = Unauthenticated");
    default:
      return false;
  }
}
