/** Words notes on the etcd of a run that each of its figures depends on; several runs count them. */

/** One note where etcd grants leases that live longer than what was asked for, else none. */
export function longerLeaseNotes(askedSeconds: number, grantedSeconds: number): string[] {
  if (grantedSeconds <= askedSeconds) return [];
  return [
    `etcd granted leases of ${grantedSeconds} s where ${askedSeconds} s were asked for: it gives ` +
      "none that is shorter than its elections may take.",
  ];
}

/** @param end how it ended */
export function endedMemberNote(member: string, end: string): string {
  return `The process of member ${member}, which bench had started, ended during the run: ${end}`;
}

export function restartNote(member: string, restarts: number): string {
  return `The process of member ${member} restarted during the run (${restarts} seen): its counters are summed across, without what passed between the last reading and the restart.`;
}

export function versionsNote(versions: string): string {
  return `The members run different versions: ${versions}.`;
}
