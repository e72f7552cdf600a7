/**
 * Keeps what is written, for workloads that read it again: the newest value of each key in the keys'
 * order, the revision, and the last changes, with which a watcher from an older revision catches up.
 * A read at an older revision finds what is there now.
 */
import { ProtoWriter } from "../proto-writer.ts";
import { FIRST_REVISION } from "../response-header.ts";

/** Older ones are forgotten, as if they had been compacted. */
const KEPT_CHANGES = 1_000;

/** Field numbers of KeyValue. */
const KEY = 1;
const CREATE_REVISION = 2;
const MOD_REVISION = 3;
const VERSION = 4;
const VALUE = 5;
const LEASE = 6;

const writer = new ProtoWriter();

export interface Stored {
  createRevision: number;
  modRevision: number;
  version: number;
  /** The serialised KeyValue, as answers and events hold it. */
  keyValue: Uint8Array;
}

/** What happened to one key, which is a string as ProtoReader's `key` makes it. */
export interface Change {
  key: string;
  revision: number;
  isDelete: boolean;
  keyValue: Uint8Array;
  /** Null: the key was not there. */
  previous: Uint8Array | null;
}

export class KeyValues {
  revision = FIRST_REVISION;
  readonly #byKey = new Map<string, Stored>();
  /** Ascending. */
  readonly #keys: string[] = [];
  readonly #changes: Change[] = [];
  /** Changes up to it are forgotten. */
  #forgottenRevision = FIRST_REVISION;

  get(key: string): Stored | undefined {
    return this.#byKey.get(key);
  }

  /** The `place`-th key there is, from 0. */
  at(place: number): Stored {
    return this.#byKey.get(this.#keys[place]!)!;
  }

  keyAt(place: number): string {
    return this.#keys[place]!;
  }

  /** How many keys lie before `key`; the place of `key` itself where it is there. */
  placeOf(key: string): number {
    const keys = this.#keys;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get count(): number {
    return this.#keys.length;
  }

  /** Under the current revision, which the caller has raised. */
  put(key: string, value: Uint8Array, lease: number): Change {
    const before = this.#byKey.get(key);
    const { revision } = this;
    if (before === undefined) this.#keys.splice(this.placeOf(key), 0, key);
    const createRevision = before?.createRevision ?? revision;
    const version = (before?.version ?? 0) + 1;
    const revisions = { createRevision, modRevision: revision, version };
    const keyValue = encodeKeyValue(key, revisions, value, lease);
    this.#byKey.set(key, { ...revisions, keyValue });
    const previous = before?.keyValue ?? null;
    return this.#changed({ key, revision, isDelete: false, keyValue, previous });
  }

  /** The same; null where the key is not there. */
  delete(key: string): Change | null {
    const before = this.#byKey.get(key);
    if (before === undefined) return null;
    const { revision } = this;
    this.#keys.splice(this.placeOf(key), 1);
    this.#byKey.delete(key);
    const keyValue = writer
      .bytes(KEY, Buffer.from(key, "latin1"))
      .number(MOD_REVISION, revision)
      .finish();
    return this.#changed({ key, revision, isDelete: true, keyValue, previous: before.keyValue });
  }

  /** Changes from `revision` on, ascending; null where some of them are forgotten. */
  changesFrom(revision: number): readonly Change[] | null {
    if (revision <= this.#forgottenRevision) return null;
    return this.#changes.filter((change) => change.revision >= revision);
  }

  #changed(change: Change): Change {
    this.#changes.push(change);
    // Half at a time, so that a change costs the same in the long run.
    if (this.#changes.length >= 2 * KEPT_CHANGES) {
      const forgotten = this.#changes.splice(0, KEPT_CHANGES);
      this.#forgottenRevision = forgotten.at(-1)!.revision;
    }
    return change;
  }
}

/** The KeyValue of a put, as answers and events hold it. */
export function encodeKeyValue(
  key: string,
  { createRevision, modRevision, version }: Omit<Stored, "keyValue">,
  value: Uint8Array,
  lease = 0,
): Uint8Array {
  return writer
    .bytes(KEY, Buffer.from(key, "latin1"))
    .number(CREATE_REVISION, createRevision)
    .number(MOD_REVISION, modRevision)
    .number(VERSION, version)
    .bytes(VALUE, value)
    .number(LEASE, lease)
    .finish();
}
