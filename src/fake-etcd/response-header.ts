/** The ResponseHeader of the fake etcd's answers. */
import { ProtoWriter } from "./proto-writer.ts";

/** High, so that revisions are as long as those of an etcd in use. */
export const FIRST_REVISION = 1_000_000;

/** The field of nearly every response that holds it. */
export const HEADER = 1;

const CLUSTER_ID = 1;
const MEMBER_ID = 1;
const RAFT_TERM = 2;

const writer = new ProtoWriter();
let lastRevision = 0;
let lastHeader: Uint8Array = new Uint8Array(0);

/** Serialised. */
export function encodeHeader(revision: number): Uint8Array {
  // A write and its events carry the same one.
  if (revision === lastRevision) return lastHeader;
  lastRevision = revision;
  lastHeader = writer
    .number(1, CLUSTER_ID)
    .number(2, MEMBER_ID)
    .number(3, revision)
    .number(4, RAFT_TERM)
    .finish();
  return lastHeader;
}

/** A writer that has begun with it. */
export function beginResponse(into: ProtoWriter, revision: number): ProtoWriter {
  return into.bytes(HEADER, encodeHeader(revision));
}
