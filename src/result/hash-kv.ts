/** Words the comparison of the members' keys: for verdict, table and exit code. */
import type { HashKv } from "./schema.ts";

/** Why members that were to be compared are not known to be equal, a clause each; none: they are. */
export function hashFaults(hashKv: HashKv | null): string[] {
  if (hashKv === null || hashKv.isEqual === true) return [];
  const { revision, isEqual, members } = hashKv;
  if (isEqual === false) {
    const hashes = groups(members, ({ hash }) => hash);
    return [`the members differ at revision ${revision}: HashKV is ${hashes}`];
  }
  const cannot = "the members could not be compared by HashKV";
  const silent = members.filter(({ hash }) => hash === null);
  if (silent.length > 0) return silent.map(({ name, error }) => `${cannot}: ${name}: ${error}`);
  if (members.length === 0) return [`${cannot}: none is known`];
  const compacted = groups(members, ({ compactRevision }) => compactRevision);
  return [`${cannot}: they stay compacted to different revisions, which is ${compacted}`];
}

/** `7 of m1 and m2, 8 of m3`. */
function groups(
  members: HashKv["members"],
  figureOf: (member: HashKv["members"][number]) => number | null,
): string {
  const namesOf = new Map<number | null, string[]>();
  for (const member of members) {
    const figure = figureOf(member);
    namesOf.set(figure, [...(namesOf.get(figure) ?? []), member.name]);
  }
  return [...namesOf].map(([figure, names]) => `${figure} of ${names.join(" and ")}`).join(", ");
}
