/** Owns the ResponseHeader of the null server's answers, as fields for an encoder and serialised. */
import { MessageWriter } from "./message-writer.ts";

/** High, so that revisions are as long as those of an etcd in use; of canned answers it stays. */
export const FIRST_REVISION = 1_000_000;

const CLUSTER_ID = 1;
const MEMBER_ID = 1;
const RAFT_TERM = 2;

export function headerFields(revision: number): object {
  return {
    clusterId: CLUSTER_ID,
    memberId: MEMBER_ID,
    revision: String(revision),
    raftTerm: RAFT_TERM,
  };
}

const writer = new MessageWriter();

export function encodeHeader(revision: number): Buffer {
  return writer
    .number(1, CLUSTER_ID)
    .number(2, MEMBER_ID)
    .number(3, revision)
    .number(4, RAFT_TERM)
    .finish();
}
