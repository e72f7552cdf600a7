/**
 * Seals messages for the way through the coordination etcd: cut into chunks that etcd takes, encrypted and
 * authenticated with the secret of the join file (AES-256-GCM). The version of the protocol is in the
 * clear, so that a bench of another version can be named.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { pack, Unreadable, unpack } from "./pack.ts";

/** Both sides need the same: raise it with every change of a message. */
export const PROTOCOL_VERSION = 5;

const MAGIC = Buffer.from("bA");
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = MAGIC.length + 1;
const SEALED_FROM = HEAD_BYTES + IV_BYTES + TAG_BYTES;
/** Sequence number, number of the chunk, count of chunks. */
const CHUNK_HEAD_BYTES = 8;
/** With what seals it below 1 MiB; etcd takes 1.5 MiB in a request. */
export const CHUNK_BYTES = 1_000_000;
/** A longer message is none of ours: 256 MB. */
const MOST_CHUNKS = 256;

/** Another version of the protocol. */
export class WrongVersion extends Error {
  readonly theirs: number;

  constructor(theirs: number) {
    super(`it is of protocol version ${theirs}`);
    this.theirs = theirs;
  }
}

/** The key that all messages of a group are sealed with. */
export class GroupKey {
  readonly #key: Buffer;

  /** @param secret 32 octets in base64url */
  constructor(secret: string) {
    this.#key = Buffer.from(secret, "base64url");
  }

  /** @param place where it is put: it opens nowhere else */
  seal(place: string, bytes: Uint8Array, version = PROTOCOL_VERSION): Buffer {
    const iv = randomBytes(IV_BYTES);
    const head = Buffer.concat([MAGIC, Buffer.of(version)]);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv);
    cipher.setAAD(Buffer.concat([head, Buffer.from(place)]));
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return Buffer.concat([head, iv, cipher.getAuthTag(), sealed]);
  }

  /** @throws WrongVersion, and Unreadable for what was sealed with another secret or elsewhere */
  open(place: string, sealed: Buffer): Buffer {
    if (sealed.length < SEALED_FROM || !sealed.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw new Unreadable("it is no message of bench's agents");
    }
    const version = sealed[MAGIC.length]!;
    if (version !== PROTOCOL_VERSION) throw new WrongVersion(version);
    const iv = sealed.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, iv);
    decipher.setAAD(Buffer.concat([sealed.subarray(0, HEAD_BYTES), Buffer.from(place)]));
    decipher.setAuthTag(sealed.subarray(HEAD_BYTES + IV_BYTES, SEALED_FROM));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(SEALED_FROM)), decipher.final()]);
    } catch {
      throw new Unreadable("it was sealed with the secret of another join file");
    }
  }
}

/** Turns the messages of one sender to one place into sealed chunks. */
export class Sealer {
  readonly #key: GroupKey;
  readonly #place: string;
  #sequence = 0;

  constructor(key: GroupKey, place: string) {
    this.#key = key;
    this.#place = place;
  }

  /** @throws RangeError for a message of more than 256 MB */
  chunksOf(message: unknown): Buffer[] {
    const bytes = pack(message);
    const count = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
    if (count > MOST_CHUNKS) throw new RangeError(`a message has ${bytes.length} octets`);
    const sequence = this.#sequence++;
    return Array.from({ length: count }, (_, number) => {
      const head = Buffer.alloc(CHUNK_HEAD_BYTES);
      head.writeUInt32LE(sequence, 0);
      head.writeUInt16LE(number, 4);
      head.writeUInt16LE(count, 6);
      const part = bytes.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES);
      return this.#key.seal(this.#place, Buffer.concat([head, part]));
    });
  }
}

/** Puts the chunks of one sender together again. */
export class Opener {
  readonly #key: GroupKey;
  readonly #place: string;
  readonly #mostChunks: number;
  #sequence = 0;
  #parts: Buffer[] = [];

  /** @param mostChunks of a message: what it takes of memory until it is whole */
  constructor(key: GroupKey, place: string, mostChunks = MOST_CHUNKS) {
    this.#key = key;
    this.#place = place;
    this.#mostChunks = mostChunks;
  }

  /**
   * The message that the chunk completes; null: more of it follows, or the chunk was taken before, since a
   * call that is repeated may put it twice.
   * @throws WrongVersion; Unreadable also for a chunk that does not follow the one before it
   */
  take(sealed: Buffer): { message: unknown } | null {
    const chunk = this.#key.open(this.#place, sealed);
    if (chunk.length < CHUNK_HEAD_BYTES) throw new Unreadable("it is cut off");
    const sequence = chunk.readUInt32LE(0);
    const number = chunk.readUInt16LE(4);
    const count = chunk.readUInt16LE(6);
    const isRepeated = sequence === this.#sequence && number < this.#parts.length;
    if (sequence < this.#sequence || isRepeated) return null;
    if (sequence !== this.#sequence || number !== this.#parts.length || number >= count) {
      throw new Unreadable(`message ${this.#sequence} is missing`);
    }
    if (count > this.#mostChunks) throw new Unreadable(`it is cut into ${count} chunks`);
    this.#parts.push(chunk.subarray(CHUNK_HEAD_BYTES));
    if (this.#parts.length < count) return null;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#sequence += 1;
    return { message: unpack(bytes) };
  }
}
