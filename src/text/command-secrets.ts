/** Finds the passwords and tokens in the command of an exec event, which is a text for a shell. */
import { keepNamedSecret, keepSecret, keepUserSecret } from "./secrets.ts";

/** Where an event has its command; also in a list of flags, and in the value of one. */
const EXEC = /(?:^|[\s'"=])exec\s+(?=\S)/;
const HEADER =
  /(?<![\w-])((?:Proxy-)?Authorization|X-(?:\w+-)*(?:Key|Token|Secret)|Cookie)(\s*:\s*)(?=\S)/gi;
const SCHEME = /(?<![\w-])((?:Bearer|Basic) +)([\w.~+/=-]+)/gi;
/** curl's flags without a value may stand before its u: `-su NAME:PASSWORD`; or a variable: `ETCDCTL_USER=`. */
const USER = /(?<![\w-])(?:-[sSkLvifgnNaIlOjJ]*[uU]\s*|--(?:proxy-)?user(?:\s+|=)|\w*USER=)(?=\S)/g;
const ASSIGNMENT = /(?<![\w-])([\w-]*(?:PASSWORD|PASSWD|TOKEN|SECRET|KEY))=(?=\S)/gi;
/** A flag whose value is the next word: `--password VALUE`. */
const FLAG = /(?<![\w-])--?(?:\w+-)*(?:password|passwd|token|secret)\s+(?=[^\s-])/gi;
/** Flags of etcdctl, kubectl and others that name a file. */
const KEY_FILE = /^--(?:\w+-)?(?<!api-|access-|auth-|secret-)key$/i;
/** A variable of the shell is no secret by itself. */
const VARIABLE = /^(?:\w+ +)?"?\$(?:\w*|\{\w+\})"?$/;

/** What a saved or printed command has in the places of secrets. */
const CUT_SECRET = /(?::\s*|=|\b(?:Bearer|Basic) +)["']?\*{3}(?=$|[\s"';&|)])|:\/\/\*{3}@/i;

/** Whether secrets have been cut out of the command, so that it cannot be run again. */
export function lacksSecrets(command: string): boolean {
  return CUT_SECRET.test(command);
}

/** Where the command in the text begins; -1: it has none. */
export function commandStart(text: string): number {
  return EXEC.exec(text)?.index ?? -1;
}

/** Keeps all that it finds; true where there is any. */
export function keepCommandSecrets(text: string): boolean {
  const start = commandStart(text);
  if (start < 0) return false;
  let isFound = false;
  const found = (expression: RegExp) =>
    [...text.matchAll(expression)].flatMap((match) => {
      if (match.index < start) return [];
      const at = match.index + match[0].length;
      return [{ match, at, quotes: openQuotes(text, at) }];
    });
  for (const { match, at, quotes } of found(HEADER)) {
    const value = headerValue(text, at, quotes);
    if (value === "" || VARIABLE.test(value)) continue;
    isFound = true;
    keepNamedSecret(match[0], value);
    for (const part of value.split(/;\s*/)) keepSecret(part.slice(part.indexOf("=") + 1));
  }
  for (const { match } of found(SCHEME)) {
    const [, scheme = "", token = ""] = match;
    if (token.startsWith("-")) continue;
    isFound = true;
    keepNamedSecret(scheme, token);
  }
  for (const { match, at, quotes } of found(USER)) {
    const word = wordAt(text, at, quotes);
    const colon = word.indexOf(":");
    if (colon < 0 || VARIABLE.test(word.slice(colon + 1).replace(/"$/, ""))) continue;
    isFound = true;
    keepUserSecret(unquoted(word));
    const [, quote = "", inner = word] = /^(["'])(.*)\1$/s.exec(word) ?? [];
    const password = inner.indexOf(":") + 1;
    // A flag right before the name hides where the name begins.
    keepNamedSecret(`${match[0]}${quote}${inner.slice(0, password)}`, inner.slice(password));
  }
  for (const { match, at, quotes } of found(FLAG)) {
    const value = wordAt(text, at, quotes);
    if (value === "" || VARIABLE.test(value)) continue;
    isFound = true;
    for (const each of new Set([value, unquoted(value)])) keepNamedSecret(match[0], each);
  }
  for (const { match, at, quotes } of found(ASSIGNMENT)) {
    const value = wordAt(text, at, quotes);
    if (value === "" || VARIABLE.test(value) || KEY_FILE.test(match[1]!)) continue;
    const flag = /--?$/.exec(text.slice(0, match.index))?.[0] ?? "";
    if (KEY_FILE.test(`${flag}${match[1]}`)) continue;
    isFound = true;
    for (const each of new Set([value, unquoted(value)])) keepNamedSecret(match[0], each);
  }
  return isFound;
}

/** The quotes around the place, the innermost last; a shell in a command has quotes in quotes. */
function openQuotes(text: string, at: number): string[] {
  const open: string[] = [];
  for (const [quote] of text.slice(0, at).matchAll(/\\?["']/g)) {
    const known = open.lastIndexOf(quote);
    if (known >= 0) open.length = known;
    else open.push(quote);
  }
  return open;
}

/** Up to the end of its quote. Without one it ends as a word does, or with the text. */
function headerValue(text: string, at: number, quotes: readonly string[]): string {
  const rest = text.slice(at);
  for (const quote of quotes.toReversed()) {
    const end = rest.indexOf(quote);
    if (end >= 0) return rest.slice(0, end);
  }
  return /\s$/.test(text.slice(0, at)) ? rest.trimEnd() : wordAt(text, at, quotes);
}

/** A word as a shell reads it: up to the next blank outside quotes, or the end of the quote around it. */
function wordAt(text: string, at: number, quotes: readonly string[]): string {
  const around = quotes.map((each) => each.at(-1)!);
  const parts = [String.raw`[^\s"';&|()<>\\]`];
  if (!around.includes('"')) parts.push(String.raw`"(?:\\.|[^"\\])*"`, String.raw`\\.`);
  else if (!quotes.includes('\\"')) {
    parts.push(String.raw`\\"(?:(?!\\").)*\\"`, String.raw`\\[^"']`);
  }
  if (!around.includes("'")) parts.push("'[^']*'");
  const word = new RegExp(`(?:${parts.join("|")})*`, "sy");
  word.lastIndex = at;
  return word.exec(text)?.[0] ?? "";
}

function unquoted(word: string): string {
  return word.replace(/["'\\]/g, "");
}
