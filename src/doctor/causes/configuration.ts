/** What is set or installed wrong: flags, versions, the number of members, limits of files. */
import { formatBytes, formatCount, formatPercent } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import { MOST_QUOTA_BYTES } from "../advice.ts";
import type { Evidence, MemberEvidence } from "../evidence.ts";
import { peersOf, settingsOf, timeoutAdvice, versionOf } from "../member-facts.ts";
import { spanOf } from "../window.ts";
import { timeWords } from "../words.ts";
import { type Findings, findingOf, spansOf } from "./judged.ts";

const TUNING = "etcd tuning guide";
const MOST_MEMBERS = 7;
const MOST_CLOCK_MS = 1_000;
const MOST_FILES_SHARE = 0.8;

export function judgeConfiguration(evidence: Evidence): Findings {
  return [
    ...versions(evidence),
    ...timers(evidence),
    ...clocks(evidence),
    ...quotas(evidence),
    ...count(evidence),
    ...evidence.members.flatMap(safety),
    ...spansOf(evidence).flatMap(({ member }) => files(member)),
  ];
}

function lookAtFlags({ process, endpoint }: MemberEvidence): string {
  return process === null
    ? `etcdctl endpoint status --cluster -w table --endpoints=${endpoint ?? "MEMBER"}`
    : `tr '\\0' '\\n' < /proc/${process.pid}/cmdline`;
}

/** `3.5.30 (etcd1), 3.4.23 (etcd2, etcd3)`. */
function byText(members: readonly (readonly [string, string])[]): string {
  const names = new Map<string, string[]>();
  for (const [name, text] of members) names.set(text, [...(names.get(text) ?? []), name]);
  if (names.size === 1) return [...names.keys()].join();
  return [...names].map(([text, who]) => `${text} (${who.join(", ")})`).join(", ");
}

function isOdd(values: readonly (readonly [string, string])[]): boolean {
  return new Set(values.map(([, text]) => text)).size > 1;
}

/** The member whose text is the rarest; null where it is no single one. */
function odd(values: readonly (readonly [string, string])[]): string | null {
  const of = (text: string) => values.filter(([, other]) => other === text).length;
  const alone = values.filter(([, text]) => of(text) === 1);
  return values.length > 2 && alone.length === 1 ? alone[0]![0] : null;
}

function versions({ members }: Evidence): Findings {
  const known = members.flatMap((member): [string, string][] => {
    const version = versionOf(member);
    return version === null ? [] : [[member.name, version]];
  });
  if (known.length === 0) return [];
  const differ = isOdd(known);
  return [
    findingOf("configuration", {
      ...{ what: "versions", member: differ ? odd(known) : null, figure: byText(known) },
      ...{ bound: "equal on all members", source: "etcd upgrade guide" },
      verdict: differ ? "suspect" : "fine",
      confidence: "high",
      nextCommand: differ
        ? `etcdctl endpoint status --cluster -w table --endpoints=${members[0]!.endpoint ?? "MEMBER"}`
        : null,
    }),
  ];
}

/** Of all members whose flags are known, held against each other and against their round trips. */
function timers(evidence: Evidence): Findings {
  const known = settingsOf(evidence);
  const about = { what: "heartbeat and election timeout", source: TUNING };
  if (known.length === 0) {
    const figure = "flags are read of processes on this machine alone";
    return [findingOf("configuration", { ...about, figure, verdict: "not known" })];
  }
  const texts = known.map(({ member, settings }): [string, string] => [
    member.name,
    `${timeWords(settings.heartbeatMs / 1_000)} and ${timeWords(settings.electionMs / 1_000)}`,
  ]);
  const { complaints } = timeoutAdvice(evidence);
  const isUneven = isOdd(texts);
  const culprit = isUneven ? odd(texts) : null;
  const shown = known.find(({ member }) => member.name === culprit) ?? known[0]!;
  const isBad = complaints.length > 0;
  return [
    findingOf("configuration", {
      ...{ ...about, member: culprit },
      figure: isBad ? complaints.join("; ") : byText(texts),
      bound: "equal on all members, 0.5 to 1.5 and at least 10 round trips",
      verdict: isBad ? "suspect" : "fine",
      confidence: isBad && !isUneven ? "medium" : "high",
      nextCommand: isBad ? lookAtFlags(shown.member) : null,
    }),
  ];
}

/** By the answers' dates, which the probes collect. */
function clocks({ probes: { clockSpread } }: Evidence): Findings {
  if (clockSpread === null) return [];
  const { members, leastMs, mostMs } = clockSpread;
  const isFar = leastMs >= MOST_CLOCK_MS;
  return [
    findingOf("configuration", {
      ...{ what: "clocks", value: leastMs, unit: "ms", source: "probe; etcd logs it above 1 s" },
      figure: `${members.join(" and ")} are ${timeWords(leastMs / 1_000)} to ${timeWords(mostMs / 1_000)} apart`,
      bound: `< ${timeWords(MOST_CLOCK_MS / 1_000)}`,
      verdict: isFar ? "suspect" : "fine",
      confidence: "high",
      nextCommand: isFar ? "chronyc tracking" : null,
    }),
  ];
}

function quotas(evidence: Evidence): Findings {
  const known = evidence.members.flatMap((member) => {
    const told = spanOf(member)?.last.value("etcd_server_quota_backend_bytes") ?? null;
    const bytes = told ?? member.settings?.quotaBytes ?? member.status?.dbSizeQuotaBytes ?? null;
    return bytes === null ? [] : [{ member, bytes }];
  });
  if (known.length === 0) return [];
  const texts = known.map(({ member, bytes }): [string, string] => [
    member.name,
    formatBytes(bytes),
  ]);
  const large = known.find(({ bytes }) => bytes > MOST_QUOTA_BYTES);
  const isBad = isOdd(texts) || large !== undefined;
  return [
    findingOf("configuration", {
      ...{ what: "quota", member: large?.member.name ?? odd(texts), figure: byText(texts) },
      ...{ bound: "equal on all members, at most 8 GiB", source: "etcd's limits" },
      verdict: isBad ? "suspect" : "fine",
      confidence: isBad ? "medium" : "high",
      nextCommand: isBad ? lookAtFlags((large ?? known[0]!).member) : null,
    }),
  ];
}

function count({ members, client }: Evidence): Findings {
  const learners = members.filter(({ status, last, first }) => {
    return status?.isLearner ?? (last ?? first)?.value("etcd_server_is_learner") === 1;
  });
  // Files may be of some members alone, which know their peers.
  const known = members.map((member) => {
    const span = spanOf(member);
    return 1 + (span === null ? 0 : peersOf(span).length);
  });
  const all = client === null ? Math.max(0, ...known) : members.length;
  const voters = all - learners.length;
  const isEven = voters > 0 && voters % 2 === 0;
  const isMany = voters > MOST_MEMBERS;
  const nextCommand = `etcdctl member list -w table --endpoints=${members[0]?.endpoint ?? "MEMBER"}`;
  return [
    findingOf("configuration", {
      ...{ what: "members", value: voters, unit: "count", source: "etcd FAQ" },
      figure:
        formatNoun(voters, "voting member") +
        (learners.length === 0 ? "" : `, ${formatNoun(learners.length, "learner")}`),
      bound: `an odd number, at most ${MOST_MEMBERS}`,
      verdict: isEven || isMany ? "suspect" : "fine",
      // It fails more easily, and is hardly slower.
      confidence: isMany ? "medium" : isEven ? "low" : "high",
      nextCommand: isEven || isMany ? nextCommand : null,
    }),
  ];
}

function safety(member: MemberEvidence): Findings {
  if (member.settings?.isFsyncOff !== true) return [];
  return [
    findingOf("configuration", {
      ...{ what: "fsync", member: member.name, figure: "off, by --unsafe-no-fsync" },
      ...{ bound: "on", source: "etcd", verdict: "suspect", confidence: "high" },
      nextCommand: lookAtFlags(member),
    }),
  ];
}

function files(member: MemberEvidence): Findings {
  const page = member.last ?? member.first;
  const open = page?.value("process_open_fds") ?? null;
  const most = page?.value("process_max_fds") ?? null;
  if (open === null || most === null || most <= 0) return [];
  const share = open / most;
  const isNear = share >= MOST_FILES_SHARE;
  return [
    findingOf("configuration", {
      ...{ what: "open files", member: member.name, value: share, unit: "share" },
      figure: `${formatCount(open)} of ${formatCount(most)}`,
      ...{ bound: `< ${formatPercent(MOST_FILES_SHARE * 100)}`, source: "etcd mixin" },
      verdict: isNear ? "suspect" : "fine",
      confidence: "high",
      nextCommand: isNear
        ? member.process === null
          ? "ulimit -n"
          : `cat /proc/${member.process.pid}/limits`
        : null,
    }),
  ];
}
