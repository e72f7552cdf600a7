/** Says that etcd grants leases that live longer than what was asked for, and finds that note again. */

const NOTE = /^etcd granted leases of [^ ]+ s where [^ ]+ s were asked for: /;

/** What a reader should know of it: one note, or none. */
export function longerLeaseNotes(askedSeconds: number, grantedSeconds: number): string[] {
  if (grantedSeconds <= askedSeconds) return [];
  return [
    `etcd granted leases of ${grantedSeconds} s where ${askedSeconds} s were asked for: it gives ` +
      "none that is shorter than its elections may take.",
  ];
}

export function isLongerLeaseNote(note: string): boolean {
  return NOTE.test(note);
}
