/** The streams of the control plane, a watch of some keys and the renewal of a lease, and what is left of one. */
import { Status } from "#wire";
import { ControlCalls, type ControlOptions } from "./control-calls.ts";
import { type Header, type KeyValue, keyValue, type WireKeyValue } from "./control-messages.ts";

export interface WatchedEvent {
  /** Deleted: by a call, or with its lease. */
  isDelete: boolean;
  kv: KeyValue;
}

export interface WatchListener {
  /** All events of some revisions, the last of which is `revision`. */
  onEvents(events: readonly WatchedEvent[], revision: number): void;
  /** The stream is over. `isCompacted`: what it should go on with is not there any more. */
  onEnd(reason: string, isCompacted: boolean): void;
}

export interface WatchedKeys {
  key: Uint8Array;
  /** Exclusive. Absent: one key. */
  rangeEnd?: Uint8Array;
  startRevision: number;
}

interface WireWatchResponse {
  header: Header | null;
  created: boolean;
  canceled: boolean;
  compactRevision: string;
  cancelReason: string;
  events: { type: string; kv: WireKeyValue }[];
}

/** Bounds the wait for the answer to a renewal. */
const RENEWAL_MS = 2_000;

export class ControlStreams {
  readonly #calls: ControlCalls;

  constructor(endpoints: readonly string[], options: ControlOptions) {
    this.#calls = new ControlCalls(endpoints, options);
  }

  /** @returns what ends it, without a call of `onEnd` */
  async watch(keys: WatchedKeys, listener: WatchListener, endpoint: string): Promise<() => void> {
    const { stream, refused } = await this.#calls.stream<object, WireWatchResponse>(
      "etcdserverpb.Watch",
      "Watch",
      endpoint,
    );
    let isOver = false;
    const end = (reason: string, isCompacted = false) => {
      if (isOver) return;
      isOver = true;
      stream.cancel();
      listener.onEnd(reason, isCompacted);
    };
    stream.on("error", ({ message }: Error) => end(message));
    stream.on("end", () => end("the server ended the watch"));
    stream.on("data", (response: WireWatchResponse) => {
      const { header, canceled, compactRevision, cancelReason, events } = response;
      if (isOver) return;
      if (canceled) {
        refused(Status.UNKNOWN, cancelReason);
        end(cancelReason || "the watch was cancelled", compactRevision !== "0");
        return;
      }
      if (events.length === 0) return;
      const watched = events.map(({ type, kv }) => ({
        isDelete: type === "DELETE",
        kv: keyValue(kv),
      }));
      listener.onEvents(watched, Number(header?.revision ?? 0));
    });
    stream.write({ createRequest: keys });
    return () => {
      isOver = true;
      stream.cancel();
    };
  }

  /** Renews a lease once. @returns its time to live in seconds; 0: it is gone. @throws ControlError */
  async renewLease(lease: string, endpoint: string): Promise<number> {
    const { stream } = await this.#calls.stream<object, { TTL: string }>(
      "etcdserverpb.Lease",
      "LeaseKeepAlive",
      endpoint,
      RENEWAL_MS,
    );
    return await new Promise((resolve, reject) => {
      stream.on("error", (error: Error) => reject(error));
      stream.on("end", () => reject(new Error("the server ended the renewal")));
      stream.on("data", ({ TTL }: { TTL: string }) => {
        resolve(Number(TTL));
        stream.cancel();
      });
      stream.write({ ID: lease });
    });
  }

  /** Seconds until it ends unless it is renewed; null: it is gone. */
  async leaseLeft(lease: string, endpoint: string): Promise<number | null> {
    const { TTL } = await this.#calls.call<{ TTL: string }>(
      "etcdserverpb.Lease",
      "LeaseTimeToLive",
      { ID: lease },
      { endpoint },
    );
    return Number(TTL) < 0 ? null : Number(TTL);
  }

  close(): void {
    this.#calls.close();
  }
}
