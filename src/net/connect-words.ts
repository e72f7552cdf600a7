/** Words why a connection failed, from the error of Node's socket. */

/** What Node adds where the system refused the call itself: the port of this side, which says nothing. */
const LOCAL_ADDRESS = / - Local \([^)]*\)/g;

/** A name with several addresses fails with all their errors in one that has no message itself. */
export function connectWords(error: Error): string {
  if (!(error instanceof AggregateError)) return withoutLocalAddress(error.message);
  return error.errors.map((one: Error) => withoutLocalAddress(one.message)).join("; ");
}

export function withoutLocalAddress(text: string): string {
  return text.replaceAll(LOCAL_ADDRESS, "");
}
