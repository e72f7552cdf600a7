/**
 * Reads as an API server does: a pod by its key, at the newest or an older revision or from one member
 * alone; a list in pages, all pinned to the first one's revision; a count; and the key of the health
 * check.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import { encodeMessage } from "../../protos.ts";
import { headerRevision } from "../parts/calls/header-revision.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../parts/calls/padded-varint.ts";
import { varintField } from "../parts/calls/protobuf-fields.ts";
import { NO_RANGE_RESPONSE, RangeAnswers } from "../parts/calls/range-answers.ts";
import type { ApiServer, Resource } from "./api-server.ts";
import type { Part, PartHost } from "./part.ts";
import { folderRange, registryFolder } from "./registry-keys.ts";

/** Of RangeResponse. */
const COUNT = 4;

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

/** A list's first page, and those after it. */
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
  /** The pages of lists. */
  readonly #answers: RangeAnswers;
  readonly #keyBytes: number;
  /** The last key of the page before, one after the other. */
  readonly #lastKeys: Uint8Array;

  constructor(server: ApiServer, host: PartHost, transport: Transport) {
    this.#server = server;
    this.#host = host;
    this.#pods = server.resource("pods");
    const { blank } = this.#pods.keys;
    const { plan } = server;
    const { UNARY_ANSWER, UNARY_PARTS } = CallMode;
    const range = (fields: object) => rangeTemplate(fields, transport, UNARY_ANSWER);
    const list = (fields: object) => rangeTemplate(fields, transport, UNARY_PARTS);
    const pinned = { revision: PLACEHOLDER_VALUE };
    const stale = { serializable: true };
    const one = { key: blank, limit: 1 };
    this.#gets = [range(one), range({ ...one, ...pinned }), range({ ...one, ...stale })];
    const inNamespace = {
      ...folderRange(this.#pods.keys.blankNamespaceFolder),
      limit: plan.listPageKeys,
    };
    const everywhere = { ...folderRange(this.#pods.keys.folder), limit: plan.relistPageKeys };
    const after = { key: Buffer.concat([blank, Buffer.from([0])]), ...pinned };
    this.#lists = [
      { first: list(inNamespace), next: list({ ...inNamespace, ...after }) },
      {
        first: list({ ...inNamespace, ...stale }),
        next: list({ ...inNamespace, ...after, ...stale }),
      },
      { first: list(everywhere), next: list({ ...everywhere, ...after }) },
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
    this.#answers = new RangeAnswers(clients, { hasDetails: true });
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
    this.#answers.begin(client);
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
    if (this.#isList(client)) {
      this.#answers.read(client, bytes, start, end);
      return;
    }
    // What a member tells by itself may be old, and is no harm: the newest is kept.
    this.#server.saw(headerRevision(bytes, start, end));
    if (this.#read[client] !== Read.HEALTH) {
      this.#host.count(client, "found", varintField(bytes, start, end, COUNT));
    }
  }

  onAnswered(client: number, nowNs: number): void {
    if (this.#isList(client)) this.#onPage(client, nowNs);
    else this.#host.done(client, nowNs);
  }

  onFailed(): void {
    // The next read starts anew.
  }

  #isList(client: number): boolean {
    const read = this.#read[client]!;
    return read >= Read.LIST && read <= Read.RELIST;
  }

  #onPage(client: number, nowNs: number): void {
    const answers = this.#answers;
    if (!answers.isWhole(client)) {
      this.#host.fail(client, Status.INTERNAL, NO_RANGE_RESPONSE, nowNs);
      return;
    }
    const revision = answers.revision[client]!;
    this.#server.saw(revision);
    if (this.#isNextPage[client] === 0) this.#revision[client] = revision;
    this.#host.count(client, "pages", 1);
    this.#host.count(client, "keys", answers.keys[client]!);
    if (answers.hasMore[client] === 0) {
      this.#host.done(client, nowNs);
      return;
    }
    const lastKey = answers.lastKey(client);
    if (lastKey.length !== this.#keyBytes) {
      const reason = "a key among the pods that this run has not written";
      this.#host.fail(client, Status.FAILED_PRECONDITION, reason, nowNs);
      return;
    }
    this.#lastKeys.set(lastKey, client * this.#keyBytes);
    this.#isNextPage[client] = 1;
    this.#host.call(client, this.request(client), nowNs);
  }

  #pin({ template, revision }: RangeTemplate, client: number): void {
    if (revision >= 0) writePadded(template.bytes, revision, this.#revision[client]!);
  }
}

function rangeTemplate(fields: object, transport: Transport, mode: CallMode): RangeTemplate {
  const message = encodeMessage("etcdserverpb.RangeRequest", fields);
  const { key, rangeEnd } = fields as { key: Buffer; rangeEnd?: Buffer };
  const path = "/etcdserverpb.KV/Range";
  const template = transport.template(path, message, mode);
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
