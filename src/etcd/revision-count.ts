/**
 * Checks that etcd kept what it acknowledged: during the load the revision of the cluster rises by at
 * least one for each acknowledged request that makes one. Unlike looks at intervals, this notices an
 * etcd that was emptied and filled again between two of them.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type ControlClient, ControlError } from "./control-client.ts";

const CALL_MS = 2_000;
/** A cluster that does not answer delays the end of a run by at most this. */
const LAST_READ_MS = 2 * CALL_MS;
const TRY_EVERY_MS = 100;

export type RevisionClient = Pick<ControlClient, "clusterRevision">;

export interface RevisionCountOptions {
  /** `host:port` each, at least one. */
  endpoints: readonly string[];
  /** That is read for the revision in the answer. */
  key: Buffer;
  /** That members have told before. */
  revisions: readonly number[];
  client: RevisionClient;
  lastReadMs?: number;
}

export class RevisionCount {
  readonly #options: RevisionCountOptions;
  /** The revision of the cluster is at least this before the load. */
  #before: number;

  constructor(options: RevisionCountOptions) {
    this.#options = options;
    this.#before = Math.max(0, ...options.revisions);
  }

  /** Resolves when the revision before the load is read, or cannot be. */
  async begin(): Promise<void> {
    this.#before = Math.max(this.#before, (await this.#read(CALL_MS)) ?? 0);
  }

  /**
   * @param acknowledged requests since `begin` that made one revision each
   * @returns that the revision is too low, in words; null: it is not, or cannot be read
   */
  async end(acknowledged: number): Promise<string | null> {
    const now = acknowledged === 0 ? null : await this.#lastRead();
    const least = this.#before + acknowledged;
    if (now === null || now >= least) return null;
    return (
      `the revision of etcd is ${now} after the load, and would be at least ${least} after ` +
      `revision ${this.#before} before the load and ${acknowledged} acknowledged writes: etcd was ` +
      "emptied or restored during the run, or lost writes"
    );
  }

  async #lastRead(): Promise<number | null> {
    const overMs = performance.now() + (this.#options.lastReadMs ?? LAST_READ_MS);
    for (;;) {
      const restMs = overMs - performance.now();
      if (restMs <= 0) return null;
      const revision = await this.#read(Math.min(CALL_MS, restMs));
      if (revision !== null) return revision;
      await delay(TRY_EVERY_MS);
    }
  }

  /**
   * From the first endpoint that answers: the read is linearizable, so that each knows all writes that
   * were acknowledged before. Null where none answers, or the user may not read the key.
   */
  async #read(timeoutMs: number): Promise<number | null> {
    const { client, endpoints, key } = this.#options;
    try {
      return await Promise.any(
        endpoints.map((endpoint) => client.clusterRevision(key, { endpoint, timeoutMs })),
      );
    } catch (error) {
      const isRefused =
        error instanceof AggregateError &&
        error.errors.every((each) => each instanceof ControlError);
      if (!isRefused) throw error;
      return null;
    }
  }
}
