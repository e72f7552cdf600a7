/**
 * Serialises the PutRequest that templates are made of: a key to be patched and, last of all fields,
 * the run's one value, which may be cut to shorter ones.
 */
import type { Values } from "../../../plan/value-size.ts";
import { encodeMessage } from "../../../protos.ts";
import { randomBytes, SeedStream } from "../../../random.ts";
import { offsetOfField } from "../calls/template.ts";

/** Of the value, the same in every workload that puts. */
const VALUES = new SeedStream("values");
/** Field 2 of PutRequest, length-delimited. */
const VALUE_TAG = (2 << 3) | 2;

export interface PutMessage {
  bytes: Buffer;
  /** Where the key's bytes start. */
  keyOffset: number;
  /** The offsets of the value's length and of the value; the latter is the end without one. */
  lengthOffset: number;
  valueOffset: number;
}

/** `fields` are those other than key and value, as `encodeMessage` takes them. */
export function putMessage(
  key: Uint8Array,
  values: Values,
  seed: number,
  fields: object = {},
): PutMessage {
  const value = runValue(values, seed);
  const head = encodeMessage("etcdserverpb.PutRequest", { key, ...fields });
  const keyOffset = offsetOfField(head, key);
  if (value.length === 0) {
    return { bytes: head, keyOffset, lengthOffset: head.length, valueOffset: head.length };
  }
  const length = varint(value.length);
  const bytes = Buffer.concat([head, Buffer.from([VALUE_TAG]), length, value]);
  const lengthOffset = head.length + 1;
  return { bytes, keyOffset, lengthOffset, valueOffset: lengthOffset + length.length };
}

/** The longest of the run's values, which all others are the beginning of. */
export function runValue({ valSizeBytes, valueSize }: Values, seed: number): Uint8Array {
  return randomBytes(VALUES.random(seed), valueSize?.maxBytes ?? valSizeBytes);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
