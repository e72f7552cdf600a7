/** Writes the fields of comma-separated values: RFC 4180's quotes, and nothing that is calculated. */

/** As RFC 4180 quotes it. */
export function csvField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/**
 * A text from outside: spreadsheets calculate what begins with one of these, which an apostrophe
 * keeps them from. Figures never come here, since a negative one begins with a minus, too.
 */
export function csvText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
