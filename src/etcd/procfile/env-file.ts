/** Reads a `.env` file: a variable on each line, as goreman takes them. */

/** `NAME=value`, also with `export` before it. */
const LINE = /^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*[=:]\s*(.*?)\s*$/;
/** A whole value in quotes, and a comment after it. */
const QUOTED = /^(["'])((?:\\.|(?!\1).)*)\1\s*(?:#.*)?$/;
const COMMENT = /(?:^|\s+)#.*$/;

/** Lines of another form are left out. Within double quotes `\n` is a new line. */
export function parseEnvFile(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, given = ""] = LINE.exec(line) ?? [];
    if (name !== undefined) variables[name] = readValue(given);
  }
  return variables;
}

function readValue(given: string): string {
  const [, quote, quoted = ""] = QUOTED.exec(given) ?? [];
  if (quote === undefined) return given.replace(COMMENT, "");
  if (quote === "'") return quoted;
  return quoted.replace(/\\(.)/g, (_, after: string) => ({ n: "\n", r: "\r" })[after] ?? after);
}
