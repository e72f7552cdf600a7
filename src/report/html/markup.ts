/**
 * Makes HTML of text in the only way there is: a template whose every value is escaped, unless it is
 * markup already. Text of a server or a file can thus never become a tag, an attribute or a script.
 */

import { printableLines } from "../../text/visible.ts";

/** HTML that needs no escaping. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | null | readonly Content[];

export const NOTHING = new Markup("");

/** The literal parts are kept as they are; null is nothing, an array all that is in it. */
export function html(literals: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const parts = literals.map((literal, at) => {
    return at === 0 ? literal : contentText(values[at - 1]!) + literal;
  });
  return new Markup(parts.join(""));
}

function contentText(content: Content): string {
  if (content === null) return "";
  if (content instanceof Markup) return content.text;
  if (Array.isArray(content)) return content.map(contentText).join("");
  return escapeHtml(String(content));
}

/** For text and for values of attributes in double or single quotes. */
export function escapeHtml(text: string): string {
  return printableLines(text, false).replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
