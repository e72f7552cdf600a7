/** Counts and deletes the keys that earlier runs have left. */
import type { ControlClient } from "../etcd/control-client.ts";
import { KEYS_PER_TXN, KeyCleaner, TXNS_AT_A_TIME } from "./key-cleaner.ts";
import type { LeftKeys } from "./left-keys.ts";

const KEYS_PER_PAGE = 5_000;

export class LeftKeysInEtcd {
  readonly #client: ControlClient;

  constructor(client: ControlClient) {
    this.#client = client;
  }

  /** How many there are, of those that were modified after the revision. @throws ControlError */
  async count(keys: LeftKeys, sinceRevision: number): Promise<number> {
    let count = 0;
    for await (const page of this.#pages(keys, sinceRevision)) count += page.length;
    return count;
  }

  /** Resolves to how many were deleted. @throws ControlError */
  async delete(keys: LeftKeys, sinceRevision: number): Promise<number> {
    const cleaner = new KeyCleaner(this.#client, sinceRevision);
    for await (const page of this.#pages(keys, sinceRevision)) {
      const batches = batchesOf(page);
      const lane = async () => {
        for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
          await cleaner.deleteWritten(batch);
        }
      };
      await Promise.all(Array.from({ length: TXNS_AT_A_TIME }, lane));
    }
    return cleaner.deleted;
  }

  async *#pages({ range, has }: LeftKeys, sinceRevision: number): AsyncGenerator<Buffer[]> {
    const cleaner = new KeyCleaner(this.#client, sinceRevision);
    let from: Uint8Array = range.key;
    while (true) {
      const { kvs, more } = await cleaner.read({
        key: from,
        ...(range.end === null ? {} : { rangeEnd: range.end }),
        limit: KEYS_PER_PAGE,
        keysOnly: true,
      });
      const found = kvs.filter(({ key, modRevision }) => modRevision > sinceRevision && has(key));
      yield found.map(({ key }) => key);
      const last = kvs.at(-1);
      if (!more || last === undefined) return;
      from = Buffer.concat([last.key, Buffer.from([0])]);
    }
  }
}

function batchesOf(keys: readonly Buffer[]): Buffer[][] {
  const batches: Buffer[][] = [];
  for (let at = 0; at < keys.length; at += KEYS_PER_TXN)
    batches.push(keys.slice(at, at + KEYS_PER_TXN));
  return batches;
}
