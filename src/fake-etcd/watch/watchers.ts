/**
 * The watchers of all connections: who watches which key or range, and the event that each change
 * brings to them. Where the server keeps what is written, those that ask for an older revision catch
 * up with the changes since.
 */
import { type Answer, messagePieces } from "../grpc/answer.ts";
import type { OpenStream } from "../grpc/open-stream.ts";
import { type Change, encodeKeyValue, type KeyValues } from "../kv/key-values.ts";
import { Op, readOperation } from "../kv/requests.ts";
import { ProtoReader } from "../proto-reader.ts";
import { ProtoWriter } from "../proto-writer.ts";
import { beginResponse, FIRST_REVISION } from "../response-header.ts";

interface Watcher {
  stream: OpenStream;
  id: number;
  key: string;
  /** Empty: the one key. */
  end: string;
  wantsPrevious: boolean;
}

interface Creation {
  key: string;
  end: string;
  startRevision: number;
  wantsPrevious: boolean;
  id: number;
}

/** The first of those that a client leaves to the server. */
const FIRST_OWN_ID = 1_000_000;

/** Field numbers of WatchRequest and its WatchCreateRequest. */
const CREATE_REQUEST = 1;
const CREATE = { KEY: 1, RANGE_END: 2, START_REVISION: 3, PREV_KV: 6, WATCH_ID: 7 };
/** Of WatchResponse. */
const WATCH_ID = 2;
const CREATED = 3;
const CANCELED = 4;
const CANCEL_REASON = 6;
const EVENTS = 11;
/** Of Event, and the type of a deletion. */
const TYPE = 1;
const KV = 2;
const PREV_KV = 3;
const DELETE = 1;

export class Watchers {
  /** Null: nothing is kept, and there is no history. */
  readonly #keyValues: KeyValues | null;
  readonly #writer = new ProtoWriter();
  readonly #byKey = new Map<string, Set<Watcher>>();
  readonly #ofRanges = new Set<Watcher>();
  readonly #byStream = new Map<OpenStream, Watcher[]>();
  #nextId = FIRST_OWN_ID;
  /** Of puts that are not kept. */
  #revision = FIRST_REVISION;

  constructor(keyValues: KeyValues | null) {
    this.#keyValues = keyValues;
  }

  /** Puts need not be looked at while there are none. */
  get isEmpty(): boolean {
    return this.#byStream.size === 0;
  }

  /**
   * A message of a stream of watchers: creations are taken, all else is passed over. Returns how
   * many events of the past it sent.
   */
  request(stream: OpenStream, message: Uint8Array): number {
    const reader = new ProtoReader(message);
    if (reader.next() !== CREATE_REQUEST) return 0;
    reader.enter();
    const { key, end, startRevision, wantsPrevious, id: wantedId } = readCreation(reader);
    const id = wantedId || this.#nextId++;
    const changes = this.#changesFrom(startRevision);
    if (changes === null) {
      const reason = Buffer.from("the fake etcd has no history that old");
      const refusal = this.#begin(id).flag(CREATED, true).flag(CANCELED, true);
      stream.sendAll(messagePieces(refusal.bytes(CANCEL_REASON, reason).finish()));
      return 0;
    }
    const watcher = { stream, id, key, end, wantsPrevious };
    this.#add(watcher);
    stream.sendAll(messagePieces(this.#begin(id).flag(CREATED, true).finish()));
    const missed = changes.filter((change) => concerns(watcher, change));
    if (missed.length > 0) stream.sendAll(this.#events(watcher, missed));
    return missed.length;
  }

  /** A put of which nothing is kept; returns to how many its event was sent. */
  put(message: Uint8Array): number {
    const operation = readOperation(Op.PUT, message);
    if (operation === null) return 0;
    const { key, value } = operation;
    this.#revision += 1;
    const revision = this.#revision;
    const revisions = { createRevision: FIRST_REVISION, modRevision: revision, version: 2 };
    const keyValue = encodeKeyValue(key, revisions, value);
    return this.send({ key, revision, isDelete: false, keyValue, previous: null });
  }

  /** Sends the event of a change to all whom it concerns; returns to how many. */
  send(change: Change): number {
    let sent = 0;
    /** Ids come again from stream to stream. */
    const byId = new Map<number, Answer[]>();
    const sendTo = (watcher: Watcher) => {
      const shared = watcher.wantsPrevious ? -1 - watcher.id : watcher.id;
      let answers = byId.get(shared);
      if (answers === undefined) {
        answers = this.#events(watcher, [change]);
        byId.set(shared, answers);
      }
      watcher.stream.sendAll(answers);
      sent += 1;
    };
    for (const watcher of this.#byKey.get(change.key) ?? []) sendTo(watcher);
    for (const watcher of this.#ofRanges) if (concerns(watcher, change)) sendTo(watcher);
    return sent;
  }

  /** The stream is gone, and its watchers with it. */
  drop(stream: OpenStream): void {
    for (const watcher of this.#byStream.get(stream) ?? []) {
      this.#ofRanges.delete(watcher);
      const others = this.#byKey.get(watcher.key);
      others?.delete(watcher);
      if (others?.size === 0) this.#byKey.delete(watcher.key);
    }
    this.#byStream.delete(stream);
  }

  #add(watcher: Watcher): void {
    const { stream, key, end } = watcher;
    const own = this.#byStream.get(stream);
    if (own === undefined) this.#byStream.set(stream, [watcher]);
    else own.push(watcher);
    if (end !== "") {
      this.#ofRanges.add(watcher);
      return;
    }
    const others = this.#byKey.get(key);
    if (others === undefined) this.#byKey.set(key, new Set([watcher]));
    else others.add(watcher);
  }

  /** Null: not all of them are known. */
  #changesFrom(revision: number): readonly Change[] | null {
    if (revision === 0) return [];
    return this.#keyValues === null ? null : this.#keyValues.changesFrom(revision);
  }

  #begin(id: number): ProtoWriter {
    const revision = this.#keyValues?.revision ?? this.#revision;
    return beginResponse(this.#writer, revision).number(WATCH_ID, id);
  }

  #events({ id, wantsPrevious }: Watcher, changes: readonly Change[]): Answer[] {
    const events = changes.map(({ isDelete, keyValue, previous }) => {
      this.#writer.number(TYPE, isDelete ? DELETE : 0).bytes(KV, keyValue);
      if (wantsPrevious && previous !== null) this.#writer.bytes(PREV_KV, previous);
      return this.#writer.finish();
    });
    this.#begin(id);
    for (const event of events) this.#writer.bytes(EVENTS, event);
    return messagePieces(this.#writer.finish());
  }
}

function concerns({ key, end }: Watcher, change: Change): boolean {
  if (end === "") return change.key === key;
  return change.key >= key && (end === "\0" || change.key < end);
}

function readCreation(reader: ProtoReader): Creation {
  const creation = { key: "", end: "", startRevision: 0, wantsPrevious: false, id: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === CREATE.KEY) creation.key = reader.key();
    else if (field === CREATE.RANGE_END) creation.end = reader.key();
    else if (field === CREATE.START_REVISION) creation.startRevision = reader.number();
    else if (field === CREATE.PREV_KV) creation.wantsPrevious = reader.flag();
    else if (field === CREATE.WATCH_ID) creation.id = reader.number();
    else reader.skip();
  }
  return creation;
}
