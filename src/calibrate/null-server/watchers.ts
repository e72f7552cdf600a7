/**
 * Owns the null server's watchers, over all its connections: who watches which single key, and the
 * event that a put of it brings to each. Nothing is kept of a key, so there is no history.
 */
import { decodeMessage } from "../../protos.ts";
import { type Answer, messageAnswer } from "./answers.ts";
import type { OpenStream } from "./open-stream.ts";

interface Watcher {
  stream: OpenStream;
  id: number;
}

interface WatchRequest {
  createRequest?: { key: Buffer; rangeEnd: Buffer; watchId: string } | null;
}

/** The first of those that a client leaves to the server. */
const FIRST_OWN_ID = 1_000_000;

export class NullWatchers {
  readonly #byKey = new Map<string, Watcher[]>();
  #nextId = FIRST_OWN_ID;
  #revision = 1_000_000;

  /** Puts need not be looked at while there are none. */
  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** A message of a stream of watchers: creations are heard, all else is passed over. */
  request(stream: OpenStream, message: Uint8Array): void {
    const { createRequest } = decodeMessage<WatchRequest>(
      "etcdserverpb.WatchRequest",
      Buffer.from(message),
    );
    if (!createRequest) return;
    const { key, rangeEnd, watchId } = createRequest;
    const id = Number(watchId) || this.#nextId++;
    const header = { revision: String(this.#revision) };
    if (rangeEnd.length > 0) {
      const cancelReason = "the null server has watchers of single keys alone";
      const refusal = { header, watchId: id, created: true, canceled: true, cancelReason };
      stream.sendMessage("etcdserverpb.WatchResponse", refusal);
      return;
    }
    const name = key.toString("latin1");
    const others = this.#byKey.get(name);
    if (others === undefined) this.#byKey.set(name, [{ stream, id }]);
    else others.push({ stream, id });
    stream.sendMessage("etcdserverpb.WatchResponse", { header, watchId: id, created: true });
  }

  /** Sends the event of a put to all who watch its key; returns to how many. */
  put(message: Uint8Array): number {
    const { key, value } = decodeMessage<{ key: Buffer; value: Buffer }>(
      "etcdserverpb.PutRequest",
      Buffer.from(message),
    );
    const watchers = this.#byKey.get(key.toString("latin1"));
    if (watchers === undefined) return 0;
    this.#revision += 1;
    const revision = String(this.#revision);
    const kv = { key, value, createRevision: "2", modRevision: revision, version: "2" };
    const fields = { header: { revision }, events: [{ kv }] };
    /** Ids come again from stream to stream. */
    const byId = new Map<number, Answer>();
    for (const { stream, id } of watchers) {
      let answer = byId.get(id);
      if (answer === undefined) {
        answer = messageAnswer("etcdserverpb.WatchResponse", { ...fields, watchId: id });
        byId.set(id, answer);
      }
      stream.send(answer);
    }
    return watchers.length;
  }

  /** The stream is gone, and its watchers with it. */
  drop(stream: OpenStream): void {
    for (const [name, watchers] of this.#byKey) {
      const rest = watchers.filter((watcher) => watcher.stream !== stream);
      if (rest.length > 0) this.#byKey.set(name, rest);
      else this.#byKey.delete(name);
    }
  }
}
