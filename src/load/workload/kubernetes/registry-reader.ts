/**
 * Owns the reads: a pod by its key, at the newest or an older revision or from one member alone; a
 * list in pages, all pinned to the first one's revision; a count; and the key that tells health.
 */
import { encodeMessage } from "../../../protos.ts";
import { CallMode, type RequestTemplate, type Transport } from "../../transport.ts";
import { Status } from "../../wire/grpc-status.ts";
import { headerRevision } from "../header-revision.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../padded-varint.ts";
import { findField, found, varintField } from "../protobuf-fields.ts";
import type { ApiServer, Resource } from "./api-server.ts";
import type { Part, PartHost } from "./part.ts";
import { folderRange, registryFolder } from "./registry-keys.ts";

/** Field numbers of RangeResponse and KeyValue. */
const KVS = 2;
const MORE = 3;
const COUNT = 4;
const KV_KEY = 1;

export const Read = {
  GET: 0,
  GET_AT_REVISION: 1,
  GET_STALE: 2,
  LIST: 3,
  LIST_STALE: 4,
  RELIST: 5,
  COUNT: 6,
  HEALTH: 7,
} as const;
export type Read = (typeof Read)[keyof typeof Read];

/** Offsets into the template's bytes; -1: it has none. */
interface RangeTemplate {
  template: RequestTemplate;
  key: number;
  end: number;
  revision: number;
}

/** A list's first page, and those behind it. */
interface ListTemplates {
  first: RangeTemplate;
  next: RangeTemplate;
}

export class RegistryReader implements Part {
  readonly #server: ApiServer;
  readonly #host: PartHost;
  readonly #pods: Resource;
  readonly #gets: readonly RangeTemplate[];
  /** By Read, from LIST on. */
  readonly #lists: readonly ListTemplates[];
  readonly #counts: readonly RequestTemplate[];
  readonly #health: RequestTemplate;
  #nextCount = 0;
  /** By client. */
  readonly #read: Uint8Array;
  /** The pod's number, the namespace's, or the resource's place. */
  readonly #what: Float64Array;
  readonly #revision: Float64Array;
  readonly #isNextPage: Uint8Array;
  readonly #hasMore: Uint8Array;
  readonly #keyBytes: number;
  /** The last key of the page at hand, one behind the other. */
  readonly #lastKeys: Uint8Array;
  readonly #hasStrangeKey: Uint8Array;

  constructor(server: ApiServer, host: PartHost, transport: Transport) {
    this.#server = server;
    this.#host = host;
    this.#pods = server.resource("pods");
    const { blank } = this.#pods.keys;
    const { plan } = server;
    const range = (fields: object): RangeTemplate => rangeTemplate(fields, transport);
    const pinned = { revision: PLACEHOLDER_VALUE };
    const stale = { serializable: true };
    const one = { key: blank, limit: 1 };
    this.#gets = [range(one), range({ ...one, ...pinned }), range({ ...one, ...stale })];
    const inNamespace = {
      ...folderRange(this.#pods.keys.blankNamespaceFolder),
      limit: plan.listPageKeys,
    };
    const everywhere = { ...folderRange(this.#pods.keys.folder), limit: plan.relistPageKeys };
    const behind = { key: Buffer.concat([blank, Buffer.from([0])]), ...pinned };
    this.#lists = [
      { first: range(inNamespace), next: range({ ...inNamespace, ...behind }) },
      {
        first: range({ ...inNamespace, ...stale }),
        next: range({ ...inNamespace, ...behind, ...stale }),
      },
      { first: range(everywhere), next: range({ ...everywhere, ...behind }) },
    ];
    this.#counts = server.resources.map(
      ({ keys }) => range({ ...folderRange(keys.folder), countOnly: true }).template,
    );
    const health = Buffer.from(`${registryFolder(plan.prefix)}health`, "utf8");
    this.#health = range({ key: health }).template;
    const { clients } = server.place;
    this.#read = new Uint8Array(clients);
    this.#what = new Float64Array(clients);
    this.#revision = new Float64Array(clients);
    this.#isNextPage = new Uint8Array(clients);
    this.#hasMore = new Uint8Array(clients);
    this.#hasStrangeKey = new Uint8Array(clients);
    this.#keyBytes = blank.length;
    this.#lastKeys = new Uint8Array(clients * this.#keyBytes);
  }

  /** `drawn` lies in [0, 1) and chooses the pod or namespace. */
  start(client: number, read: Read, drawn: number, nowNs: number): void {
    this.#read[client] = read;
    this.#isNextPage[client] = 0;
    if (read <= Read.GET_STALE) {
      const { objects } = this.#pods;
      this.#what[client] = objects.number(objects.pick(drawn));
      this.#revision[client] = this.#server.newestRevision;
    } else if (read === Read.COUNT) {
      this.#what[client] = this.#nextCount;
      this.#nextCount = (this.#nextCount + 1) % this.#counts.length;
    } else {
      this.#what[client] = Math.floor(drawn * this.#server.plan.namespaces);
    }
    this.#host.call(client, this.request(client), nowNs);
  }

  request(client: number): RequestTemplate {
    const read = this.#read[client] as Read;
    if (read === Read.HEALTH) return this.#health;
    if (read === Read.COUNT) return this.#counts[this.#what[client]!]!;
    const { keys } = this.#pods;
    if (read <= Read.GET_STALE) {
      const get = this.#gets[read]!;
      keys.write(this.#what[client]!, get.template.bytes, get.key);
      this.#pin(get, client);
      return get.template;
    }
    const { first, next } = this.#lists[read - Read.LIST]!;
    const page = this.#isNextPage[client] === 1 ? next : first;
    const { bytes } = page.template;
    const namespace = this.#what[client]!;
    const isAll = read === Read.RELIST;
    if (page === next) {
      const at = client * this.#keyBytes;
      bytes.set(this.#lastKeys.subarray(at, at + this.#keyBytes), page.key);
      this.#pin(page, client);
    } else if (!isAll) {
      keys.writeNamespace(namespace, bytes, page.key);
    }
    if (!isAll) keys.writeNamespace(namespace, bytes, page.end);
    return page.template;
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number): void {
    const read = this.#read[client] as Read;
    this.#hasMore[client] = 0;
    const revision = headerRevision(bytes, start, end);
    // What a member tells by itself may be old, and is no harm: the newest is kept.
    this.#server.saw(revision);
    if (read < Read.LIST || read > Read.RELIST) {
      if (read !== Read.HEALTH) {
        this.#host.count(client, "found", varintField(bytes, start, end, COUNT));
      }
      return;
    }
    if (this.#isNextPage[client] === 0) this.#revision[client] = revision;
    this.#readPage(client, bytes, start, end);
  }

  onAnswered(client: number, nowNs: number): void {
    if (this.#hasMore[client] === 0) {
      this.#host.done(client, nowNs);
    } else if (this.#hasStrangeKey[client] === 1) {
      const reason = "a key among the pods that this run has not written";
      this.#host.fail(client, Status.FAILED_PRECONDITION, reason, nowNs);
    } else {
      this.#isNextPage[client] = 1;
      this.#host.call(client, this.request(client), nowNs);
    }
  }

  onFailed(): void {
    // The next read starts anew.
  }

  #readPage(client: number, bytes: Uint8Array, start: number, end: number): void {
    let keys = 0;
    let lastStart = start;
    let lastEnd = start;
    for (let at = start; findField(bytes, at, end, KVS); at = found.end) {
      keys += 1;
      lastStart = found.start;
      lastEnd = found.end;
    }
    this.#host.count(client, "pages", 1);
    this.#host.count(client, "keys", keys);
    // The fields behind the keys come last, as etcd writes them.
    this.#hasMore[client] = varintField(bytes, keys > 0 ? lastEnd : start, end, MORE);
    if (this.#hasMore[client] === 0) return;
    const hasKey = findField(bytes, lastStart, lastEnd, KV_KEY);
    const isOurs = hasKey && found.end - found.start === this.#keyBytes;
    this.#hasStrangeKey[client] = isOurs ? 0 : 1;
    if (!isOurs) return;
    this.#lastKeys.set(bytes.subarray(found.start, found.end), client * this.#keyBytes);
  }

  #pin({ template, revision }: RangeTemplate, client: number): void {
    if (revision >= 0) writePadded(template.bytes, revision, this.#revision[client]!);
  }
}

function rangeTemplate(fields: object, transport: Transport): RangeTemplate {
  const message = encodeMessage("etcdserverpb.RangeRequest", fields);
  const { key, rangeEnd } = fields as { key: Buffer; rangeEnd?: Buffer };
  const path = "/etcdserverpb.KV/Range";
  const template = transport.template(path, message, CallMode.UNARY_ANSWER);
  const offset = (part: Buffer, from: number) => {
    const at = message.indexOf(part, from);
    return at < 0 ? -1 : template.messageOffset + at;
  };
  return {
    template,
    key: offset(key, 0),
    end: rangeEnd === undefined ? -1 : offset(rangeEnd, key.length),
    revision: offset(PLACEHOLDER, 0),
  };
}
