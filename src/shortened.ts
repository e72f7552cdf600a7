/** Cuts texts of servers to a length that results have room for. */

const LEFT_OUT = "...";

/**
 * At most so many characters, up to the end of a word: half a token would not be known as a secret by what
 * removes secrets later.
 */
export function shortened(text: string, mostCharacters: number): string {
  if (text.length <= mostCharacters) return text;
  const words = text.slice(0, mostCharacters - LEFT_OUT.length + 1);
  const end = words.search(/\s+\S*$/);
  return end <= 0 ? LEFT_OUT : `${words.slice(0, end)}${LEFT_OUT}`;
}
