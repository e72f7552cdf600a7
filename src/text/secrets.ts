/**
 * Keeps the passwords and tokens that this process knows, and cuts them out of every text that
 * leaves it. What knows where a password is written leaves it out by itself (a user's flag becomes
 * the user's name); this is the net below for all other places.
 */

import querystring from "node:querystring";

const CUT = "***";
/** A longer secret is cut out of the middle of a word, too: chance does not write it. */
const SURE_CHARACTERS = 8;
/** A shorter one is too common to be cut without the name of its user before it. */
const LEAST_CHARACTERS = 4;
/** So many letters in the case of a word and nothing else may be one of our own text: `complete`, `Requests`. */
const WORD = /^(?:[A-Z]?[a-z]{0,14}|[A-Z]{1,15})$/;
const SPELLED = /[\p{L}\p{N}].*[\p{L}\p{N}].*[\p{L}\p{N}]/su;
/** An address that holds a user: `https://NAME:PASSWORD@host`. */
const USERINFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi;
/** `NAME:PASSWORD@`; a slash in a password should have been written as %2F. */
const USER_AT = /([^\s:/@,'"=]*):((?!\/\/)(?:(?!:\/\/)\S)+)@/g;
/** The same of a flag's whole value, or of an argument, where a password may hold a blank. */
const USER_OF_ALL =
  /^(?:-{0,2}[\w-]+=){0,2}(?:[a-z][\w+.-]*:\/\/)?([^\s:/@,'"=]*):((?!\/\/)(?:(?!:\/\/)[^,])+)@/gi;
/** A private key in PEM, also where its end was cut off. */
const PRIVATE_KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g;
/** Data may hold any text below these names; elsewhere a whole value may be a word of our own. */
const FREE_TEXT: ReadonlySet<string> = new Set(["labels", "values"]);

interface Cut {
  /** The expression that finds it. */
  source: string;
  replacement: string;
}

interface PreparedCut {
  expression: RegExp;
  replacement: string;
}

/** By the text that is cut out. */
const everywhere = new Map<string, Cut>();
/** Words and digits, to be cut out of data from outside alone. */
const inData = new Map<string, Cut>();
/** Null: to be made anew. */
let everywhereCuts: readonly PreparedCut[] | null = null;
let inDataExpression: RegExp | null = null;

/** Each command line begins without the secrets of the one before it. */
export function forgetSecrets(): void {
  everywhere.clear();
  inData.clear();
  everywhereCuts = null;
  inDataExpression = null;
}

/** @param user whose password it is, where it is one of a user */
export function keepSecret(secret: string, user = ""): void {
  if (secret === "") return;
  if (user !== "") keepBasicCredentials(`${user}:${secret}`);
  for (const form of formsOf(secret)) {
    const quoted = escaped(form);
    if (user !== "") {
      const source = `(?<![\\w.-])${escaped(user)}:${quoted}(?!\\w)`;
      everywhere.set(`${user}:${form}`, { source, replacement: `${user}:${CUT}` });
    }
    if (form.length < LEAST_CHARACTERS) continue;
    const bounded = `(?<![\\w-])${quoted}(?![\\w-])`;
    // Digits alone are figures and ports, and signs alone are rules and brackets, as often.
    if (WORD.test(form) || /^\d+$/.test(form) || !SPELLED.test(form)) {
      inData.set(form, { source: bounded, replacement: CUT });
    } else {
      const source = form.length >= SURE_CHARACTERS ? quoted : bounded;
      everywhere.set(form, { source, replacement: CUT });
    }
  }
  everywhereCuts = null;
  inDataExpression = expressionOf(inData);
}

/** `NAME:PASSWORD` as --user and ETCDCTL_USER hold it; a name alone is no secret. */
export function keepUserSecret(text: string): void {
  const colon = text.indexOf(":");
  if (colon >= 0) keepSecret(text.slice(colon + 1), text.slice(0, colon));
}

/** The users in a list of addresses: `http://NAME:PASSWORD@host:2379,NAME:PASSWORD@other:2379`. */
export function keepAddressSecrets(text: string): void {
  // A password may hold a comma, and a list does: the whole is read, and its parts.
  for (const part of [text, ...text.split(/[,\s'"]+/)]) {
    for (const [, user = "", password = ""] of [
      ...part.matchAll(USER_AT),
      ...part.matchAll(USER_OF_ALL),
    ]) {
      keepSecret(password, user);
      // An error may cut the text at its first equals sign.
      keepSecret(password.split("=", 1)[0]!, user);
      // A URL's user is sent without its percent signs, and may come back so.
      keepSecret(querystring.unescape(password), querystring.unescape(user));
    }
  }
}

/**
 * The values in the query of a URL, `api_key=TOKEN&tenant=a`, as written and decoded. Each is cut out after
 * its name however short it is, and alone as a password is. A part without a name is a value.
 */
export function keepQuerySecrets(query: string): void {
  for (const part of query.split("&")) {
    const equals = part.indexOf("=");
    const value = part.slice(equals + 1);
    if (value === "") continue;
    const values = [value, decoded(value)];
    for (const each of values) keepSecret(each);
    if (equals <= 0) continue;
    const name = part.slice(0, equals);
    for (const written of new Set([name, decoded(name)])) {
      for (const form of values.flatMap((each) => [...formsOf(each)])) {
        const source = `(?<![\\w.-])${escaped(written)}=${escaped(form)}(?!\\w)`;
        everywhere.set(`${written}=${form}`, { source, replacement: `${written}=${CUT}` });
      }
    }
  }
  everywhereCuts = null;
}

/** @param before what it is written after, and is cut after however short it is: `API_KEY=`, `Bearer ` */
export function keepNamedSecret(before: string, secret: string): void {
  if (secret === "") return;
  keepSecret(secret);
  for (const form of formsOf(secret)) {
    const source = `(?<![\\w-])${escaped(before)}${escaped(form)}(?!\\w)`;
    everywhere.set(`${before}${form}`, { source, replacement: `${before}${CUT}` });
  }
  everywhereCuts = null;
}

/** The text without any secret; every exit of the process calls it. */
export function withoutSecrets(text: string): string {
  everywhereCuts ??= [...everywhere.values()].map(({ source, replacement }) => {
    return { expression: new RegExp(source, "g"), replacement };
  });
  const cut = withoutSpans(text, spansOf(text, everywhereCuts));
  const keyless = cut.includes("PRIVATE KEY")
    ? cut.replace(PRIVATE_KEY, `-----BEGIN $1----- ${CUT}`)
    : cut;
  return keyless.includes("@") ? keyless.replace(USERINFO, `$1${CUT}@`) : keyless;
}

/** The same of every text in data from outside, names of fields included. */
export function dataWithoutSecrets<Data>(data: Data): Data {
  return cutData(data, false) as Data;
}

function cutData(data: unknown, isFree: boolean): unknown {
  if (typeof data === "string") return cutValue(data, isFree);
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) {
    // Columns of numbers are long and hold no text.
    return data.map((each) => (typeof each === "number" ? each : cutData(each, isFree)));
  }
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      isFree ? cutValue(name, true) : name,
      cutData(value, isFree || FREE_TEXT.has(name)),
    ]),
  );
}

function cutValue(text: string, isFree: boolean): string {
  const cut = withoutSecrets(text);
  if (inDataExpression === null || (inData.has(cut) && !isFree)) return cut;
  return cut.replace(inDataExpression, CUT);
}

/** As Basic authentication sends a user: a server may answer with what it was sent. */
function keepBasicCredentials(credentials: string): void {
  const encoded = Buffer.from(credentials).toString("base64").replace(/=+$/, "");
  if (encoded.length < SURE_CHARACTERS) return;
  everywhere.set(encoded, { source: escaped(encoded), replacement: CUT });
}

/** As a server reads a name or a value in a query. */
function decoded(text: string): string {
  return querystring.unescape(text.replaceAll("+", " "));
}

/** As itself, in JSON, in an address, and in quotes of a shell. */
function formsOf(secret: string): Set<string> {
  return new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    // A lone half of a character has no form in an address.
    /\p{Surrogate}/u.test(secret) ? secret : encodeURIComponent(secret),
    secret.replaceAll("'", "'\\''"),
  ]);
}

interface Span {
  start: number;
  end: number;
  replacement: string;
}

/** From left to right, of those that begin together the longest first. */
function spansOf(text: string, cuts: readonly PreparedCut[]): Span[] {
  const spans = cuts.flatMap(({ expression, replacement }) =>
    [...text.matchAll(expression)].map(({ 0: found, index: start }): Span => {
      return { start, end: start + found.length, replacement };
    }),
  );
  return spans.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** One secret may be within another, or reach into it: together they are one, with the first one's words. */
function withoutSpans(text: string, spans: readonly Span[]): string {
  let cut = "";
  let doneTo = 0;
  for (const { start, end, replacement } of spans) {
    if (start >= doneTo) cut += text.slice(doneTo, start) + replacement;
    doneTo = Math.max(doneTo, end);
  }
  return cut + text.slice(doneTo);
}

/** The longest goes first: one secret may begin as another does. */
function expressionOf(cuts: ReadonlyMap<string, Cut>): RegExp | null {
  if (cuts.size === 0) return null;
  const byLength = [...cuts].toSorted(([a], [b]) => b.length - a.length);
  return new RegExp(byLength.map(([, { source }]) => source).join("|"), "g");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
