/** Owns the taking apart of a flag's value that holds flags, as a shell takes a line apart. */
import { usageError } from "../../errors.ts";

/**
 * Words stand between blanks; quotes of either kind and a backslash keep blanks within a word.
 * Nothing else is special. @throws BenchError (usage) that names `flag`
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
