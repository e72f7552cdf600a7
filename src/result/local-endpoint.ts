/** Tells a member that runs on the client's machine by its address. */

/** Whether `host:port` is a loopback address. */
export function isLocalEndpoint(endpoint: string): boolean {
  return /^(127\.|localhost:|\[::1\])/.test(endpoint);
}
