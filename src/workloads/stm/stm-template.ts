/**
 * Makes the commit of a software transaction as a template: its compares, puts and reads are serialised
 * once for each number of writes, and keys, revisions and counters patched in.
 */

import { CallMode, type RequestTemplate, type Transport } from "#wire";
import { encodeMessage } from "../../protos.ts";
import { SeedStream } from "../../random.ts";
import { PADDED_BYTES, PLACEHOLDER_VALUE, varintBytes } from "../parts/calls/padded-varint.ts";
import { SizedPuts } from "../parts/keys/sized-puts.ts";
import type { StmWorkload } from "./schema.ts";

export const TXN_PATH = "/etcdserverpb.KV/Txn";
/** After the prefix of a key: its index, 32 bits. No UTF-8 prefix holds such octets. */
export const KEY_TAIL = Buffer.from("fefefefe", "hex");
const SIZES = new SeedStream("stm.sizes");

/** Offsets into `template.bytes`. */
export interface CommitTemplate {
  template: RequestTemplate;
  /** Null where all values have one size; else it lays the puts, and the two lists of them are empty. */
  sized: SizedPuts | null;
  /** Of read keys that must not have changed: the key's index and its modification's revision. */
  readKeys: number[];
  readRevisions: number[];
  /** Of written keys that must be older than a revision. */
  writtenKeys: number[];
  writtenRevisions: number[];
  putKeys: number[];
  putValues: number[];
  /** Of keys that are read again where a compare fails. */
  againKeys: number[];
}

export function stmKey(prefix: string): Buffer {
  return Buffer.concat([Buffer.from(prefix), KEY_TAIL]);
}

/** As etcd's concurrency package builds the commit of each isolation. */
export function commitTemplate(
  plan: StmWorkload,
  writes: number,
  value: Uint8Array,
  transport: Transport,
  { seed, workerIndex }: { seed: number; workerIndex: number },
): CommitTemplate {
  const { isolation, keysPerTxn, valSizeBytes, valueSize } = plan;
  const key = stmKey(plan.prefix);
  const reads = isolation === "read-committed" ? 0 : keysPerTxn;
  const isSnapshot = isolation === "serializable-snapshot";
  const olds = isSnapshot ? writes : 0;
  const again = isSnapshot || isolation === "serializable" ? keysPerTxn : 0;
  const compare = { target: "MOD", key, modRevision: PLACEHOLDER_VALUE };
  const put = valSizeBytes === 0 ? { key } : { key, value };
  const message = encodeMessage("etcdserverpb.TxnRequest", {
    compare: [
      ...Array(reads).fill({ result: "EQUAL", ...compare }),
      ...Array(olds).fill({ result: "LESS", ...compare }),
    ],
    ...(valueSize === null ? { success: Array(writes).fill({ requestPut: put }) } : {}),
    failure: Array(again).fill({ requestRange: { key } }),
  });
  const mode = CallMode.UNARY_ANSWER;
  const sizes = SIZES.random(seed, workerIndex);
  const options = { before: message, key, puts: writes, seed, sizes, mode };
  const sized =
    valueSize === null ? null : new SizedPuts(transport, { ...options, size: valueSize });
  const template = sized?.template ?? transport.template(TXN_PATH, message, mode);
  let at = 0;
  const take = (count: number, afterKey: number) =>
    Array.from({ length: count }, () => {
      const found = message.indexOf(KEY_TAIL, at);
      at = found + KEY_TAIL.length + afterKey;
      return template.messageOffset + found;
    });
  // Fields are in the order of their numbers, and a tag of one octet before each.
  const readKeys = take(reads, 1 + PADDED_BYTES);
  const writtenKeys = take(olds, 1 + PADDED_BYTES);
  const valueGap = valSizeBytes === 0 ? 0 : 1 + varintBytes(valSizeBytes);
  const putKeys = take(sized === null ? writes : 0, valueGap + valSizeBytes);
  const againKeys = take(again, 0);
  const after = (gap: number) => (offset: number) => offset + KEY_TAIL.length + gap;
  return {
    template,
    sized,
    readKeys,
    readRevisions: readKeys.map(after(1)),
    writtenKeys,
    writtenRevisions: writtenKeys.map(after(1)),
    putKeys,
    putValues: putKeys.map(after(valueGap)),
    againKeys,
  };
}
