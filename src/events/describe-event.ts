/** Names an event that has happened, in one line. */
import { eventKind } from "./catalogue.ts";

export interface NamedEvent {
  kind: string;
  member: string | null;
  text: string | null;
}

/** `compaction`, `defragmentation of m1`, `leader change seen by m2`, `kill leader (m1)`. */
export function describeEvent({ kind, member, text }: NamedEvent): string {
  if (text === null) return eventKind(kind).describe(member);
  return member === null || text.split(/[\s,|]/).includes(member) ? text : `${text} (${member})`;
}
