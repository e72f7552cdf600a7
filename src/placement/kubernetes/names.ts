/** Checks names, labels, quantities and images against the rules of Kubernetes, and makes names of objects. */
import { flagError } from "../../errors.ts";

/** RFC 1123: a label of the domain name system. */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_NAME = /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const MAX_SUBDOMAIN = 253;
/** A registry with a port, a path, a tag and a digest. */
const IMAGE =
  /^[a-z0-9][\w.-]*(:\d{1,5})?(\/[a-z0-9][\w.-]*)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/i;
const MAX_IMAGE = 512;
const CPU = /^(\d{1,4}(\.\d{1,3})?|\d{1,7}m)$/;
const MEMORY = /^\d{1,15}([kMGT]|[KMGT]i)?$/;
/** Of an object's name, after which come `-etcd-0` and the hash of a StatefulSet's revision: 63 in all. */
const MAX_SLUG = 30;
const ID_DIGITS = 6;

/**
 * Begins the names of all objects of a placement: a DNS label that starts with a letter, of 43 characters
 * at most, with the user's name as far as it can be part of one.
 */
export function baseName(name: string, id: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, "");
  return ["bench", slug, id.slice(0, ID_DIGITS)].filter((part) => part !== "").join("-");
}

/** @throws BenchError (usage), as all of these */
export function checkNamespace(flag: string, text: string): string {
  if (DNS_LABEL.test(text)) return text;
  throw refused(flag, text, "a namespace has 1 to 63 small letters, digits and dashes", "load");
}

/** `key=value`, as a label of a node has. */
export function readLabel(flag: string, text: string): readonly [key: string, value: string] {
  const at = text.indexOf("=");
  const key = text.slice(0, Math.max(at, 0));
  const value = text.slice(at + 1);
  if (at > 0 && isLabelKey(key) && (value === "" || LABEL_NAME.test(value))) return [key, value];
  throw refused(
    flag,
    text,
    "a label is a key and a value of at most 63 letters, digits, dots, dashes and underscores each",
    "pool=load",
  );
}

export function checkImage(flag: string, text: string): string {
  if (text.length <= MAX_IMAGE && IMAGE.test(text)) return text;
  throw refused(flag, text, "it is no name of an image", "etcd-bench:0.1.0");
}

export function checkCpu(flag: string, text: string): string {
  if (CPU.test(text) && cpusOf(text) > 0) return text;
  throw refused(flag, text, "CPU is a number of cores, or of thousandths with an m", "500m");
}

export function checkMemory(flag: string, text: string): string {
  if (MEMORY.test(text) && !/^0+\D*$/.test(text)) return text;
  throw refused(
    flag,
    text,
    "memory is a number of bytes with k, M, G, T, Ki, Mi, Gi or Ti",
    "512Mi",
  );
}

/** Cores of a quantity that was checked. */
export function cpusOf(quantity: string): number {
  return quantity.endsWith("m") ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity);
}

function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash < 0) return LABEL_NAME.test(key);
  const prefix = key.slice(0, slash);
  const isPrefix = prefix.length <= MAX_SUBDOMAIN && DNS_SUBDOMAIN.test(prefix);
  return isPrefix && LABEL_NAME.test(key.slice(slash + 1));
}

function refused(flag: string, text: string, rule: string, example: string) {
  return flagError(
    flag.slice(2),
    `${flag}: ${JSON.stringify(text)}: ${rule}, e.g. ${flag}=${example}`,
  );
}
