/**
 * Writes the keys of the API server's objects, `PREFIX/registry/FOLDER/NAMESPACE/NAME`: as long as each
 * other within a resource, so that a number is patched into a request in place.
 */
import type { KubernetesResource } from "./request-mix.ts";

/** `N` is a digit of the namespace's number, `D` one of the object's own. */
const PATTERNS: Record<KubernetesResource, string> = {
  namespaces: "namespaces/ns-DDDDD",
  nodes: "minions/node-DDDDDD",
  leases: "leases/kube-node-lease/node-DDDDDD",
  services: "services/specs/ns-NNNNN/service-DDDDDDD",
  endpoints: "services/endpoints/ns-NNNNN/service-DDDDDDD",
  pods: "pods/ns-NNNNN/pod-DDDDDDDDD",
  events: "events/ns-NNNNN/event-DDDDDDDDDDD",
};

/** All objects of the resource lie in it. */
const FOLDERS: Record<KubernetesResource, string> = {
  namespaces: "namespaces/",
  nodes: "minions/",
  leases: "leases/",
  services: "services/specs/",
  endpoints: "services/endpoints/",
  pods: "pods/",
  events: "events/",
};

/** No UTF-8 prefix holds such an octet, so a key that still has it is found in any message. */
const BLANK = 0xfe;
const ZERO = 0x30;
/** The character after the slash, by which a folder's range ends. */
const BEHIND_SLASH = 0x30;

/** The folder of all keys of a run. */
export function registryFolder(prefix: string): string {
  return `${prefix}/registry/`;
}

/** The first key of a folder, and the first one after it; `path` ends in a slash. */
export function folderRange(path: string | Uint8Array): { key: Buffer; rangeEnd: Buffer } {
  const key = Buffer.from(path);
  const rangeEnd = Buffer.from(key);
  rangeEnd[rangeEnd.length - 1] = BEHIND_SLASH;
  return { key, rangeEnd };
}

export class RegistryKeys {
  /** With blanks where digits go. */
  readonly blank: Buffer;
  /** All keys of the resource lie in it; ends in a slash. */
  readonly folder: string;
  readonly #namespaces: number;
  readonly #namespaceAt: number;
  readonly #namespaceDigits: number;
  readonly #numberAt: number;
  readonly #numberDigits: number;

  constructor(prefix: string, resource: KubernetesResource, namespaces: number) {
    const pattern = PATTERNS[resource];
    const start = registryFolder(prefix);
    this.folder = start + FOLDERS[resource];
    const startBytes = Buffer.byteLength(start, "utf8");
    this.#namespaces = namespaces;
    this.#namespaceDigits = pattern.split("N").length - 1;
    this.#namespaceAt = startBytes + Math.max(0, pattern.indexOf("N"));
    this.#numberDigits = pattern.split("D").length - 1;
    this.#numberAt = startBytes + pattern.indexOf("D");
    this.blank = Buffer.from(start + pattern, "utf8");
    for (const [at, digits] of [
      [this.#namespaceAt, this.#namespaceDigits],
      [this.#numberAt, this.#numberDigits],
    ] as const) {
      this.blank.fill(BLANK, at, at + digits);
    }
  }

  /** Writes the digits of object `number` into a copy of `blank` that starts at `at`. */
  write(number: number, out: Uint8Array, at: number): void {
    writeDigits(number % this.#namespaces, out, at + this.#namespaceAt, this.#namespaceDigits);
    writeDigits(number, out, at + this.#numberAt, this.#numberDigits);
  }

  /** The blank start of the keys of one namespace, up to the slash after it. */
  get blankNamespaceFolder(): Buffer {
    return this.blank.subarray(0, this.#namespaceAt + this.#namespaceDigits + 1);
  }

  writeNamespace(namespace: number, out: Uint8Array, at: number): void {
    writeDigits(namespace, out, at + this.#namespaceAt, this.#namespaceDigits);
  }
}

function writeDigits(number: number, out: Uint8Array, at: number, digits: number): void {
  let rest = number;
  for (let place = at + digits - 1; place >= at; place--) {
    const higher = Math.floor(rest / 10);
    out[place] = ZERO + rest - higher * 10;
    rest = higher;
  }
}
