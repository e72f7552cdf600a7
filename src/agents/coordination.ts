/**
 * The coordination etcd as agents and coordinators use it: keys below the prefix of a group, a lease, and
 * watches. Calls that cannot reach it are repeated while a lease lasts, so that a restart of etcd ends no run.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type BenchError, unreachableError } from "../errors.ts";
import { ControlClient, ControlError } from "../etcd/control-client.ts";
import { ControlStreams, type WatchedEvent } from "../etcd/control-streams.ts";
import { type OpenedAccess, openAccess } from "../etcd/token-source.ts";
import { prefixEnd } from "../plan/key-range.ts";
import { GroupKey } from "./envelope.ts";
import { accessOf, type JoinFile } from "./join-file.ts";
import { KeptLease, LEASE_SECONDS } from "./lease.ts";
import { COORDINATOR } from "./protocol.ts";
import { sealedClaim } from "./run-claim.ts";

const RETRY_MS = 200;
/** gRPC status names of what a later try may do. A server that ends a call at its deadline cancels it. */
const PASSING = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL"]);

/** Of one process: more would wait for each other within their deadlines. */
const PUTS_AT_ONCE = 8;

export interface Followed {
  onEvent(event: WatchedEvent): void;
  /** What follows cannot be had any more. */
  onBroken(reason: string): void;
}

export interface ListedKey {
  name: string;
  value: Buffer;
  lease: string;
}

export class Coordination {
  readonly key: GroupKey;
  readonly endpoints: readonly string[];
  readonly #prefix: string;
  readonly #access: OpenedAccess;
  readonly #client: ControlClient;
  readonly #streams: ControlStreams;
  readonly #ends: (() => void)[] = [];
  /** The endpoint that answered last. */
  #turn = 0;
  #isClosed = false;
  #puts = 0;
  readonly #waitingPuts: (() => void)[] = [];
  /** The newest revision that was seen. */
  revision = 0;

  constructor(join: JoinFile) {
    this.key = new GroupKey(join.secret);
    this.#prefix = `etcd-bench/agents/${join.group}/`;
    this.#access = openAccess(join.endpoints, accessOf(join));
    const options = { access: this.#access };
    this.#client = new ControlClient(join.endpoints, options);
    this.#streams = new ControlStreams(join.endpoints, options);
    this.endpoints = this.#client.endpoints;
  }

  /** Of the cluster; the first call, which is not repeated. @throws BenchError (unreachable) */
  async clusterId(): Promise<string | null> {
    let fault: unknown;
    for (const [turn, endpoint] of this.endpoints.entries()) {
      try {
        const { clusterId } = await this.#client.memberList(endpoint);
        this.#turn = turn;
        return clusterId;
      } catch (error) {
        fault = error;
      }
    }
    throw this.#unusable(fault);
  }

  /** @param onLost called when it is gone, or is by this process's clock */
  async lease(onLost: (reason: string) => void): Promise<string> {
    const { lease } = await this.#again((endpoint) =>
      this.#client.grantLeaseFor(LEASE_SECONDS, { endpoint }),
    );
    const renew = () => this.#each((endpoint) => this.#streams.renewLease(lease, endpoint));
    const kept = new KeptLease({ renew, onLost });
    this.#ends.push(() => kept.end());
    return lease;
  }

  /** Seconds until it ends by itself; null: it is gone. */
  async leaseLeft(lease: string): Promise<number | null> {
    return await this.#again((endpoint) => this.#streams.leaseLeft(lease, endpoint));
  }

  /** Ends it now if that is possible. */
  async revoke(lease: string): Promise<void> {
    await this.#each((endpoint) => this.#client.revokeLease(lease, { endpoint })).catch(() => {
      // It ends by itself.
    });
  }

  /** @returns its revision */
  async put(name: string, value: Uint8Array, lease: string): Promise<number> {
    const request = { key: this.#keyOf(name), value, lease };
    if (this.#puts >= PUTS_AT_ONCE) {
      await new Promise<void>((resolve) => this.#waitingPuts.push(resolve));
    }
    this.#puts += 1;
    try {
      const { revision } = await this.#again((endpoint) => this.#client.put(request, { endpoint }));
      return revision;
    } finally {
      this.#puts -= 1;
      this.#waitingPuts.shift()?.();
    }
  }

  async remove(name: string): Promise<void> {
    await this.#each((endpoint) =>
      this.#client.deleteRange({ key: this.#keyOf(name) }, { endpoint }),
    );
  }

  /** Puts the key unless it is there. @returns its revision; null: it is there */
  async claim(name: string, value: Uint8Array, lease: string): Promise<number | null> {
    const key = this.#keyOf(name);
    const { succeeded, kvs, revision } = await this.#again((endpoint) =>
      this.#client.txn(
        {
          compare: [{ key, target: "CREATE", result: "EQUAL", createRevision: 0 }],
          success: [{ requestPut: { key, value, lease } }],
          failure: [{ requestRange: { key } }],
        },
        { endpoint },
      ),
    );
    if (succeeded) return revision;
    // A call whose answer was lost is repeated, and finds its own key.
    const own = kvs.find((kv) => kv.lease === lease);
    return own?.modRevision ?? null;
  }

  /** Has the group for one command. @returns false: another one has it */
  async claimGroup(lease: string): Promise<boolean> {
    return (await this.claim(COORDINATOR, sealedClaim(this.key), lease)) !== null;
  }

  /** A key, or all below a name that ends with a slash, and the revision after that of the answer. */
  async list(name: string): Promise<{ entries: ListedKey[]; next: number }> {
    const range = this.#rangeOf(name);
    const { kvs, revision } = await this.#again((endpoint) =>
      this.#client.range(range, { endpoint }),
    );
    const inOrder = kvs.toSorted((one, other) => one.createRevision - other.createRevision);
    const entries = inOrder.map((kv) => ({
      ...{ name: this.nameOf(kv.key), value: kv.value, lease: kv.lease },
    }));
    return { entries, next: revision + 1 };
  }

  async compact(revision: number): Promise<void> {
    await this.#each((endpoint) => this.#client.compact({ revision }, { endpoint }));
  }

  /** Follows a key, or all below a name that ends with a slash, from a revision on, over reconnections. */
  follow(name: string, fromRevision: number, followed: Followed): void {
    const keys = this.#rangeOf(name);
    let startRevision = fromRevision;
    let end = () => {};
    const listener = {
      onEvents: (events: readonly WatchedEvent[], revision: number) => {
        this.revision = Math.max(this.revision, revision);
        // The revision of the answer may be one whose events are still to come.
        startRevision = events.at(-1)!.kv.modRevision + 1;
        for (const event of events) followed.onEvent(event);
      },
      onEnd: (reason: string, isCompacted: boolean) => {
        if (isCompacted) followed.onBroken(`messages of the coordination etcd are lost: ${reason}`);
        else void open(RETRY_MS);
      },
    };
    const open = async (waitMs: number) => {
      await delay(waitMs);
      if (this.#isClosed) return;
      try {
        end = await this.#streams.watch({ ...keys, startRevision }, listener, this.#endpoint);
      } catch {
        // The lease bounds how long it is tried.
        this.#turn += 1;
        void open(RETRY_MS);
      }
    };
    this.#ends.push(() => end());
    void open(0);
  }

  /** A key's name below the prefix of the group. */
  nameOf(key: Buffer): string {
    return key.toString("utf8").slice(this.#prefix.length);
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends) end();
    this.#client.close();
    this.#streams.close();
    this.#access.tokens?.close();
  }

  get #endpoint(): string {
    return this.endpoints[this.#turn % this.endpoints.length]!;
  }

  #keyOf(name: string): Buffer {
    return Buffer.from(this.#prefix + name);
  }

  #rangeOf(name: string): { key: Buffer; rangeEnd?: Buffer } {
    const key = this.#keyOf(name);
    return name.endsWith("/") ? { key, rangeEnd: prefixEnd(key) } : { key };
  }

  /** By the endpoint that answered last; the next call takes another one if this fails. */
  async #each<Answer>(call: (endpoint: string) => Promise<Answer>): Promise<Answer> {
    try {
      return await call(this.#endpoint);
    } catch (error) {
      this.#turn += 1;
      throw error;
    }
  }

  #unusable(fault: unknown): BenchError {
    return unreachableError(
      `the coordination etcd at ${this.endpoints.join(", ")} cannot be used: ${(fault as Error).message}; ` +
        "check that it runs, and that the join file is its newest",
      fault,
    );
  }

  async #again<Answer>(call: (endpoint: string) => Promise<Answer>): Promise<Answer> {
    const untilMs = performance.now() + LEASE_SECONDS * 1e3;
    for (;;) {
      try {
        return await this.#each(call);
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        const isPassing = PASSING.has(error.codeName);
        if (!isPassing || this.#isClosed || performance.now() > untilMs)
          throw this.#unusable(error);
        await delay(RETRY_MS);
      }
    }
  }
}
