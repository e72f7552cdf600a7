/** Owns the serialised PutRequest that templates are made of: a key to be patched, and the run's one value. */
import { encodeMessage } from "../../protos.ts";
import { randomBytes, seededRandom } from "../random.ts";
import { offsetOfField } from "./template.ts";

/** The seed's generator of the value, the same in every workload that puts. */
const VALUE_STREAM = 0;

export interface PutMessage {
  /** The fields of the request, as `encodeMessage` takes them. */
  fields: { key: Uint8Array; value?: Uint8Array };
  bytes: Buffer;
  /** Where the key's bytes start. */
  keyOffset: number;
}

export function putMessage(keySizeBytes: number, valSizeBytes: number, seed: number): PutMessage {
  const key = Buffer.alloc(keySizeBytes, 0xff);
  const value = randomBytes(seededRandom(seed, VALUE_STREAM), valSizeBytes);
  const fields = { key, ...(value.length === 0 ? {} : { value }) };
  const bytes = encodeMessage("etcdserverpb.PutRequest", fields);
  return { fields, bytes, keyOffset: offsetOfField(bytes, key) };
}
