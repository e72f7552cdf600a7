/**
 * Defines a way to hold something exclusively, a lock or the leadership of an election: a part that
 * gets it, a part that gives it back. A contender has the name of what it wants, and a lease, on which
 * a key of its own hangs below that name.
 */
import type { Part } from "../calls/part.ts";

/** Of one client. */
export interface Contender {
  name: string;
  /** A decimal id. */
  lease: string;
}

export interface Locker {
  readonly acquire: Part;
  readonly release: Part;
  /** The client has a new lease, and so another key, from its next acquisition on. */
  renew(client: number, lease: string): void;
  /** Of the key by which the client got it last; null where etcd's answers do not tell. */
  createRevision(client: number): number | null;
}

/** All keys below a name, in etcd's own recipes and in ours. */
export function keysBelow(name: string): { key: Buffer; rangeEnd: Buffer } {
  // "0" is the character after the slash.
  return { key: Buffer.from(`${name}/`), rangeEnd: Buffer.from(`${name}0`) };
}
