/** Finds texts that lost octets on their way here, since they are no UTF-8. */

/** The replacement of octets that are no UTF-8, and halves of characters, which have none. */
const MANGLED = /\ufffd|\p{Surrogate}/u;

export function isMangled(text: string): boolean {
  return MANGLED.test(text);
}
