/** Tells etcd's answer that a revision has been compacted from its other refusals. */

/** ErrCompacted. Its code is also that of a revision in the future, so the words decide. */
const WORDS = "required revision has been compacted";

/** Whether a compaction that etcd refused in these words had nothing to do. */
export function isCompacted(words: string): boolean {
  return words.includes(WORDS);
}
