/** Owns telling whether a call failed over its token alone, so that a new token mends it. */

// gRPC's numbers; both of our clients know them by names of their own.
const INVALID_ARGUMENT = 3;
const UNAUTHENTICATED = 16;

/**
 * etcd does not know the token (any more), or users or roles have changed since it was given. 3.4
 * and newer say so in the same words, and before they process anything.
 */
export function isTokenRefused(status: number, message: string): boolean {
  if (status === UNAUTHENTICATED) return message.includes("invalid auth token");
  if (status !== INVALID_ARGUMENT) return false;
  return (
    message.includes("revision of auth store is old") || message.includes("user name is empty")
  );
}
