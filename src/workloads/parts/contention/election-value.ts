/**
 * Writes and reads the value that a candidate campaigns with, by which an observer of the election
 * recognizes the leader: its client's number in the run, and the number of its term.
 */
import { ELECTION_VALUE_BYTES } from "./layout.ts";

/** Encoded in a template in the place of a value. */
export const VALUE_PLACEHOLDER = Buffer.from("fefefefefefefefe", "hex");

export interface ElectionValue {
  client: number;
  term: number;
}

export function writeElectionValue(
  client: number,
  term: number,
  bytes: Buffer,
  offset: number,
): void {
  bytes.writeUInt32BE(client, offset);
  bytes.writeUInt32BE(term, offset + 4);
}

/** Fills `into`; false if the octets are not the value of a candidate. */
export function readElectionValue(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: ElectionValue,
): boolean {
  if (end - start !== ELECTION_VALUE_BYTES) return false;
  into.client = readUInt32(bytes, start);
  into.term = readUInt32(bytes, start + 4);
  return true;
}

function readUInt32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return bytes[at]! * 2 ** 24 + low;
}
