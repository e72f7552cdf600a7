/**
 * Finds the passwords in a command line before anything reads it, so that no error can print one
 * and the list of processes does not show it.
 */
import { commandStart, keepCommandSecrets } from "./command-secrets.ts";
import { keepAddressSecrets, keepQuerySecrets, keepSecret, keepUserSecret } from "./secrets.ts";
import { keepAssignedSecrets } from "./variable-secrets.ts";

/**
 * A user's flag, also as bench run's `--set`, the sides of ab and the lines of a suite hold it. `--auth`
 * names a kind of tokens, and a user may be written there by mistake.
 */
const USER = /(?:^|[\s'"=])(?:-{0,2}(?:user|auth)[=:]|--?(?:user|auth)(?:\s+|$))\s*(["']?)(.*)$/is;
/** etcdctl's flag, which bench does not have: it is refused, and what it holds is a secret still. */
const PASSWORD = /(?:^|[\s'"=])(?:-{0,2}password[=:]|--?password(?:\s+|$))\s*(["']?)(.*)$/is;
/**
 * Also one in the place of another argument or of an address of any flag: `NAME:PASSWORD@HOST`,
 * `--bench=NAME:PASSWORD@HOST`. Keys and labels are free text.
 */
export const ADDRESSES =
  /:\/\/|endpoints|^(?:-{1,2}(?!-|prefix|label)[\w-]+=)?[^\s:/@=]+:[^\s/]+@[\w.[\]:-]+(?:,|$)/;

/** An address with a user that no `@` follows: `NAME:PASSWORD:2379`. */
const USER_AND_PORT =
  /(?:^|[=,/\s'"])([^\s:/@,=[\]'"]+):([^\s:/@,[\]'"]*[a-z][^\s:/@,[\]'"]*):\d+(?=[,\s'"]|$)/gi;

/** The query in the URL of a receiver, also where its name or the `=` is wrong. */
const RECEIVER_QUERY =
  /(?:(?:otlp|prometheus-rw)[=:\s]|(?:output|-o)[=:\s]\s*[^\s?]*https?:)\s*[^\s?]*\?(.+)$/is;
/** A URL ends at a space or a quote in a list of flags, and at a bracket or a comma in YAML. */
const QUERY_ENDS = [/[\s'"]/, /[\s'"#]/, /[\s'"#,\]}]/];

/** Keeps all that it finds; true where there is any. */
export function keepArgumentSecrets(argv: readonly string[]): boolean {
  let isFound = false;
  for (const [at, argument] of argv.entries()) {
    const before = argv[at - 1] ?? "";
    const command = commandStart(argument);
    if (command < 0) keepAssignedSecrets(argument);
    else {
      keepAssignedSecrets(argument.slice(0, command));
      if (keepCommandSecrets(argument)) isFound = true;
    }
    if (argument.includes("@") && (ADDRESSES.test(argument) || ADDRESSES.test(before))) {
      keepAddressSecrets(argument);
      isFound = true;
    }
    if (/endpoints/i.test(argument) || /endpoints/i.test(before)) {
      for (const [, user, password] of argument.matchAll(USER_AND_PORT)) {
        keepSecret(password!, user);
        isFound = true;
      }
    }
    if (keepReceiverSecrets(argument, before)) isFound = true;
    for (const [expression, keep] of [
      [USER, keepUserSecret],
      [PASSWORD, keepSecret],
    ] as const) {
      // `--set user NAME:PASSWORD`: its equals sign was left out.
      const found = expression.exec(before === "--set" ? `--${argument}` : argument);
      if (found === null) continue;
      // In a command a word ends where a shell ends it, and what follows is no secret.
      if (command >= 0 && found.index >= command) continue;
      const [, quote = "", value = ""] = found;
      // A flag's value is the rest of its argument, or the next one.
      const text = value === "" ? (argv[at + 1] ?? "") : value;
      for (const each of readings(text, quote)) keep(each);
      // With a colon in place of the equals sign, errors cut the value at its own.
      const flag = found[0].slice(0, found[0].length - value.length);
      if (/:\s*["']?$/.test(flag)) keep(text.split("=", 1)[0]!);
      isFound = true;
    }
  }
  return isFound;
}

/**
 * Keeps the values in the query of a receiver's URL, `--output=otlp=http://HOST/?api_key=TOKEN`; true where
 * there is one.
 *
 * @param before the argument before it: `-o`
 */
export function keepReceiverSecrets(argument: string, before = ""): boolean {
  if (!argument.includes("?")) return false;
  const [, query] = RECEIVER_QUERY.exec(`${before} ${argument}`) ?? [];
  if (query === undefined) return false;
  keepQuerySecrets(query);
  for (const end of QUERY_ENDS) keepQuerySecrets(query.split(end, 1)[0]!);
  // The flags of an arm may have several.
  keepReceiverSecrets(query);
  return true;
}

/** The whole text, and what a shell would take as the first word where flags are in one text. */
function readings(text: string, quote: string): Set<string> {
  const end = quote === "" ? text.search(/[\s'"]/) : text.indexOf(quote);
  const word = end < 0 ? text : text.slice(0, end);
  const unquoted = (each: string) => each.replace(/["'\\]/g, "");
  return new Set([text, word, unquoted(text), unquoted(word)]);
}
