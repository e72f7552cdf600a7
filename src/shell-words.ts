/** Takes lines apart into words, as a shell does, and makes lines of words. */
import { usageError } from "./errors.ts";

/**
 * Words are separated by blanks; quotes of either kind and a backslash keep blanks within a word.
 * Nothing else is special. @param flag where the line is from, for errors @throws BenchError (usage)
 */
export function shellWords(flag: string, text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== null) {
      if (character === quote) quote = null;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (character === "\\" && at + 1 < text.length) {
      word = (word ?? "") + text[++at]!;
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== null) {
    throw usageError(
      `${flag}: ${JSON.stringify(text)} has a ${quote} that is not closed; close it`,
    );
  }
  return word === null ? words : [...words, word];
}

/** A text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A line that a user can copy: the words as a POSIX shell takes them, quoted where they have to be. */
export function shellLine(words: readonly string[]): string {
  const isPlain = (word: string) => /^[\w@%+=:,./-]+$/.test(word);
  return words.map((word) => (isPlain(word) ? word : shellQuoted(word))).join(" ");
}
