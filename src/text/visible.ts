/**
 * Makes text from outside harmless wherever it is shown: what would steer a terminal, turn the
 * direction of writing or hide is written out (`\u001b`), so that a reader sees that it is there.
 */

/** White space that moves the cursor, and the line ends that some programs take for one. */
const BLANKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/**
 * Controls (C0, DEL, C1), marks and overrides of direction, characters without a width, tags,
 * non-characters, and unpaired halves of characters.
 */
const HARMFUL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is meant
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff0-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;
/** The styles that tables use; nothing else of a terminal's language is theirs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence is what is meant
const STYLE = /(\u001b\[(?:1|2|22|31|32|33|39)m)/;

/** One line of text: a cell, a name, a message. */
export function printable(text: string): string {
  return writtenOut(text.replace(BLANKS, " ")).trim();
}

/** The same of every text in data, names of fields included, before it is laid out as anything. */
export function printableData<Data>(data: Data): Data {
  return printableOf(data) as Data;
}

function printableOf(data: unknown): unknown {
  if (typeof data === "string") return printable(data);
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return data.map(printableOf);
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [printable(name), printableOf(value)]),
  );
}

/** Whole lines, as they leave for a terminal or a file; `color` says whether styles are ours. */
export function printableLines(text: string, color: boolean): string {
  const parts = color ? text.split(STYLE) : [text];
  return parts.map((part, at) => (at % 2 === 1 ? part : withLineEnds(part))).join("");
}

function withLineEnds(text: string): string {
  return text.replace(HARMFUL, (found) =>
    found === "\n" || found === "\t" ? found : codeOf(found),
  );
}

function writtenOut(text: string): string {
  return text.replace(HARMFUL, codeOf);
}

function codeOf(character: string): string {
  // In halves, as JSON writes it, so that JSON stays what it is.
  const halves = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return halves.map((half) => `\\u${half.toString(16).padStart(4, "0")}`).join("");
}
