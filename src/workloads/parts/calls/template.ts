/** Finds, in a serialised message, the bytes that are to be patched for each request. */

/**
 * Where `field`'s bytes start in `message`. The first field of a request is its key, so the first
 * place that holds them is the field; a message without them is a defect.
 */
export function offsetOfField(message: Buffer, field: Uint8Array): number {
  const offset = message.indexOf(field);
  if (offset < 0) throw new Error("the serialised request does not hold its own field");
  return offset;
}
