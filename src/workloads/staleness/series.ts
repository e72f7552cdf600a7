/** The names of the series of staleness: of the puts, and two of the reads of each member. */

export const PUTS = "staleness-put";
const LAG = "staleness-";
const READS = "staleness-read-";

/** How far behind the reads of each member were, and the reads themselves. */
export function stalenessSeries(members: readonly string[]): string[] {
  return [PUTS, ...members.flatMap((member) => [lagOf(member), `${READS}${member}`])];
}

/** Where `stalenessSeries` has the two of a member, by the member's place in its list. */
export function stalenessNumbers(member: number): { lag: number; reads: number } {
  const lag = 1 + 2 * member;
  return { lag, reads: lag + 1 };
}

export function lagOf(member: string): string {
  return `${LAG}${member}`;
}

/** The member of a series of reads; null: it is another series, of which a member may have the name. */
export function memberOfReads(series: string, all: readonly string[]): string | null {
  if (!series.startsWith(READS)) return null;
  const member = series.slice(READS.length);
  return all.includes(lagOf(member)) ? member : null;
}
