/**
 * Reads keys as users give them and plans hold them: a text that is its UTF-8, or `hex:fffe71` and
 * `base64://5x` for the octets that no text and no command line can hold.
 */
import { sourceError } from "../errors.ts";
import { isMangled } from "../utf8.ts";

/** Base64 without its padding is whole, too; a digit alone at the end, or padding in part, is not. */
const FORMS = {
  hex: /^(?:[0-9a-f]{2})*$/i,
  base64: /^(?:[\w+/-]{4})*(?:[\w+/-]{2}(?:==)?|[\w+/-]{3}=?)?$/,
} as const;
/** A key that a plan holds as it is: no control character, and no form of its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is meant
const ODD = /[\u0000-\u001f\u007f-\u009f\ufffd]|^(?:hex|base64):/;

/**
 * A key from a command line or a suite, as plans hold it.
 * @param what names it in errors: `--prefix`, `the key`
 * @throws BenchError (usage) for what was mangled on its way here, or is no form
 */
export function keyTextOf(what: string, text: string): string {
  if (isMangled(text)) {
    throw sourceError(
      what,
      `${what}: ${JSON.stringify(text)} is not what was given: its octets are no UTF-8, and arguments and files of text cannot carry them; give them as hex:fffe71 or base64://5x`,
    );
  }
  const form = formOf(text);
  if (form === null) return text;
  const digits = text.slice(form.length + 1);
  if (!FORMS[form].test(digits)) {
    throw sourceError(
      what,
      `${what}: ${JSON.stringify(text)} is not ${form === "hex" ? "pairs of hexadecimal digits after hex:, e.g. hex:fffe71" : "base64 after base64:, e.g. base64://5x"}`,
    );
  }
  return keyTextOfBytes(Buffer.from(digits, form));
}

/** The octets of a key that a plan holds. */
export function keyBytes(text: string): Buffer {
  const form = formOf(text);
  return form === null ? Buffer.from(text, "utf8") : Buffer.from(text.slice(form.length + 1), form);
}

/** A key that begins with another one. */
export function joinedKeyText(prefix: string, tail: string): string {
  return keyTextOfBytes(Buffer.concat([keyBytes(prefix), Buffer.from(tail)]));
}

/** Whether the octets of a key are a text, of which names and paths can be made. */
export function isTextKey(text: string): boolean {
  return formOf(text) === null;
}

/** A key as plans hold it. */
export function keyTextOfBytes(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  const isText = !ODD.test(text) && Buffer.from(text, "utf8").equals(bytes);
  return isText ? text : `hex:${bytes.toString("hex")}`;
}

function formOf(text: string): keyof typeof FORMS | null {
  if (text.startsWith("hex:")) return "hex";
  return text.startsWith("base64:") ? "base64" : null;
}
