/** Words which members could not be read when a run was over, so that what they hold is not known. */
import type { Availability } from "./availability-schema.ts";

/** A clause for each member; none: all were read. */
export function unreadMembers({
  members,
  lost,
}: Pick<NonNullable<Availability["writes"]>, "members" | "lost">): string[] {
  const clauses = members.flatMap(({ member, error }) =>
    error === null ? [] : [`${member} could not be read at the end: ${error}`],
  );
  return clauses.length === 0 && lost === null
    ? ["no member is known that could be read at the end"]
    : clauses;
}
