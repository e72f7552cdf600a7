/**
 * Deletes keys that runs have written, each only if it was modified since a revision, which every delete
 * checks in its own transaction.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlClient, ControlError } from "../etcd/control-client.ts";
import type { KeyValue, RangeOptions } from "../etcd/control-messages.ts";

/** etcd's default for --max-txn-ops. */
export const KEYS_PER_TXN = 128;
export const TXNS_AT_A_TIME = 8;
/** A leader may have to be elected first; a dead etcd must not keep the run from its end for long. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 200;

/** Deletes keys of runs, and counts them. */
export class KeyCleaner {
  deleted = 0;
  /** Of the run's names, but last written before it. */
  kept = 0;
  readonly #client: ControlClient;
  readonly #sinceRevision: number;

  constructor(client: ControlClient, sinceRevision: number) {
    this.#client = client;
    this.#sinceRevision = sinceRevision;
  }

  /** Deletes those of the keys that were modified since, all in one transaction that holds to that. */
  async deleteWritten(keys: readonly Buffer[]): Promise<void> {
    let rest = keys;
    while (rest.length > 0) {
      const compare = rest.map((key) => {
        return { result: "GREATER", target: "MOD", key, modRevision: this.#sinceRevision };
      });
      const { succeeded, kvs } = await this.#txn({
        compare,
        success: rest.map((key) => ({ requestDeleteRange: { key } })),
        failure: rest.map((key) => ({ requestRange: { key, keysOnly: true } })),
      });
      if (succeeded) {
        this.deleted += rest.length;
        return;
      }
      const written = this.#written(kvs);
      this.kept += kvs.length - written.length;
      rest = written.map(({ key }) => key);
    }
  }

  /** The leases that the run's keys hang on; their keys go with them. */
  async revokeLeasesOf(keys: readonly Buffer[]): Promise<void> {
    const look = keys.map((key) => ({ requestRange: { key, keysOnly: true } }));
    const { kvs } = await this.#txn({ compare: [], success: look, failure: [] });
    const leased = this.#written(kvs).filter(({ lease }) => lease !== "0");
    await this.revoke(new Set(leased.map((kv) => kv.lease)));
    this.deleted += leased.length;
  }

  async revoke(leases: ReadonlySet<string>): Promise<void> {
    for (const lease of leases) {
      try {
        await this.#patiently((endpoint) => this.#client.revokeLease(lease, { endpoint }));
      } catch (error) {
        // It has expired meanwhile, and its keys with it.
        if (!(error instanceof ControlError && error.codeName === "NOT_FOUND")) throw error;
      }
    }
  }

  read(request: RangeOptions) {
    return this.#patiently((endpoint) => this.#client.range(request, { endpoint }));
  }

  #written(kvs: readonly KeyValue[]): KeyValue[] {
    return kvs.filter(({ modRevision }) => modRevision > this.#sinceRevision);
  }

  #txn(request: Parameters<ControlClient["txn"]>[0]): ReturnType<ControlClient["txn"]> {
    return this.#patiently((endpoint) => this.#client.txn(request, { endpoint }));
  }

  /** At any endpoint that answers, again and again for a while. */
  async #patiently<Answer>(ask: (endpoint: string) => Promise<Answer>): Promise<Answer> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (let attempt = 0; ; attempt++) {
      const { endpoints } = this.#client;
      const endpoint = endpoints[attempt % endpoints.length]!;
      try {
        return await ask(endpoint);
      } catch (error) {
        if (!(error instanceof ControlError) || !isPassing(error) || performance.now() > untilMs)
          throw error;
        await sleep(RETRY_MS);
      }
    }
  }
}

function isPassing({ codeName }: ControlError): boolean {
  return codeName === "UNAVAILABLE" || codeName === "DEADLINE_EXCEEDED";
}
