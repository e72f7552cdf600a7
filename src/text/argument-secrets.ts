/**
 * Finds the passwords in a command line before anything reads it, so that no error can print one
 * and the list of processes does not show it.
 */
import { commandStart, keepCommandSecrets } from "./command-secrets.ts";
import {
  keepAddressSecrets,
  keepNamedSecret,
  keepQuerySecrets,
  keepSecret,
  keepUserSecret,
} from "./secrets.ts";
import { keepAssignedSecrets, keepVariableSecrets } from "./variable-secrets.ts";

/** Also as an editor writes two dashes. */
const DASH = "[-\u2010-\u2015\u2212]";
/**
 * A user's flag, also as bench run's `--set`, the sides of ab and the lines of a suite hold it, and as curl
 * has it. `--auth` names a kind of tokens, and a user may be written there by mistake.
 */
const USER = flag("(?:user|auth)", String.raw`|-u(?=[=:\s]|$|[^\s=]+:)[=:]?`);
/** etcdctl's flag, which bench does not have: it is refused, and what it holds is a secret still. */
const PASSWORD = flag("password", "");
/**
 * Also one in the place of another argument or of an address of any flag: `NAME:PASSWORD@HOST`,
 * `--bench=NAME:PASSWORD@HOST`. Keys and labels are free text.
 */
const ADDRESSES =
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
    const last = argv[at - 1] ?? "";
    const command = commandStart(argument);
    if (command < 0) {
      keepAssignedSecrets(argument);
      const [, name, value] = /^([A-Z]\w*)=(.*)$/s.exec(argument) ?? [];
      if (name !== undefined) keepVariableSecrets({ [name]: value });
    } else {
      keepAssignedSecrets(argument.slice(0, command));
      if (keepCommandSecrets(argument)) isFound = true;
    }
    const isUser = !argument.includes("://") && USER.exec(argument)?.index === 0;
    const hasAddress = !isUser && (ADDRESSES.test(argument) || ADDRESSES.test(last));
    if (argument.includes("@") && hasAddress) {
      keepAddressSecrets(argument);
      isFound = true;
    }
    if (/endpoints/i.test(argument) || /endpoints/i.test(last)) {
      for (const [, user, password] of argument.matchAll(USER_AND_PORT)) {
        keepSecret(password!, user);
        isFound = true;
      }
    }
    if (keepReceiverSecrets(argument, last)) isFound = true;
    for (const [expression, keep] of [
      [USER, keepUserSecret],
      [PASSWORD, keepPassword],
    ] as const) {
      // `--set user NAME:PASSWORD`: its equals sign was left out.
      const found = expression.exec(last === "--set" ? `--${argument}` : argument);
      if (found === null) continue;
      // In a command a word ends where a shell ends it, and what follows is no secret.
      if (command >= 0 && found.index >= command) continue;
      const [, quote = "", value = ""] = found;
      // A flag's value is the rest of its argument, or the next one.
      const text = value === "" ? (argv[at + 1] ?? "") : value;
      const before = found[0].slice(0, found[0].length - value.length);
      for (const each of readings(text, quote)) keep(each, before);
      // Without an equals sign before the value, errors cut it at its own.
      if (!/=\s*["']?$/.test(before)) keep(text.split("=", 1)[0]!, before);
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
function keepReceiverSecrets(argument: string, before = ""): boolean {
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

/** A word of our own text is cut after the flag alone. */
function keepPassword(password: string, before: string): void {
  keepNamedSecret(before.trimStart(), password);
}

function flag(names: string, others: string): RegExp {
  const named = `${DASH}{0,2}${names}[=:]|${DASH}{1,2}${names}(?:\\s+|$)${others}`;
  return new RegExp(`(?:^|[\\s'"=:.])(?:${named})\\s*(["']?)(.*)$`, "is");
}
