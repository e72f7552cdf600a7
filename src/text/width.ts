/** Counts the columns that a text takes on a terminal, and cuts or wraps it to a number of them. */
import { stripVTControlCharacters } from "node:util";
import { withoutSecrets } from "./secrets.ts";

/** East Asian wide and full-width characters, and emoji (Unicode UAX 11), take two. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** Marks combine with the character before them. */
const NARROW = /\p{Mn}|\p{Me}|[\u200b-\u200f]/u;

/** Styles take none. */
export function widthOf(text: string): number {
  const shown = stripVTControlCharacters(text);
  let columns = 0;
  for (const character of shown) columns += columnsOf(character);
  return columns;
}

/**
 * With an ellipsis in the last column where it is cut; between characters, never within one. Without
 * secrets, since half of one would not be known later.
 */
export function cutToWidth(given: string, columns: number): string {
  const text = withoutSecrets(given);
  if (widthOf(text) <= columns) return text;
  let width = 1;
  let cut = "";
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns) break;
    cut += character;
  }
  return `${cut}…`;
}

/** Lines of whole words; a word that is longer has a line of its own, so that it can be copied. */
export function wrapToWidth(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

function columnsOf(character: string): number {
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
