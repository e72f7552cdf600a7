/** Reads the body of a form as Go's net/url does, and quotes text as Go's `%q`. */

/** A body is no form; the message is Go's. */
export class GoFormError extends Error {
  override name = "GoFormError";
}

/** By name, the first value given. @throws GoFormError for the first part that cannot be read */
export function parseGoForm(body: string): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  for (const part of body.split("&")) {
    if (part === "") continue;
    if (part.includes(";")) throw new GoFormError("invalid semicolon separator in query");
    const equals = part.indexOf("=");
    const name = unescaped(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? "" : unescaped(part.slice(equals + 1));
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}

function unescaped(text: string): string {
  const wrong = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text);
  if (wrong !== null) throw new GoFormError(`invalid URL escape ${goQuoted(wrong[0])}`);
  const bytes = text
    .replaceAll("+", " ")
    .split(/(%[0-9A-Fa-f]{2})/)
    .map((part) => (part.startsWith("%") ? Buffer.from(part.slice(1), "hex") : Buffer.from(part)));
  return Buffer.concat(bytes).toString();
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ "\u0007": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" },
  ...{ "\v": "\\v", '"': '\\"', "\\": "\\\\" },
};

/** As strconv.Quote. */
export function goQuoted(text: string): string {
  const inside = text.replace(/["\\]|[^\P{C}]|(?! )\p{Z}/gu, (found) => {
    const code = found.codePointAt(0)!;
    const hex = code.toString(16);
    if (code < 0x80) return ESCAPES[found] ?? `\\x${hex.padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  });
  return `"${inside}"`;
}
