/** Whether all members answer, have a leader, and keep it. */
import { formatCount } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import type { Evidence, MemberEvidence } from "../evidence.ts";
import { isRestarted, riseOf } from "../window.ts";
import { overWords } from "../words.ts";
import { type Findings, findingOf, spansOf } from "./judged.ts";

/** Of etcd's mixin: so many in a quarter of an hour raise an alert. */
const MOST_CHANGES = 4;
const ALERT_SECONDS = 900;
const CHANGES_BOUND = `< ${MOST_CHANGES} in 15 min`;
const MIXIN = "etcd mixin";

export function judgeStability(evidence: Evidence): Findings {
  return [
    ...evidence.members.flatMap(answer),
    ...evidence.members.flatMap(hasLeader),
    ...leaderChanges(evidence),
    ...corruption(evidence),
  ];
}

function answer(member: MemberEvidence): Findings {
  const { name, endpoint, status, first, last, fault } = member;
  const about = { what: "answers", member: name, bound: "every member answers", source: MIXIN };
  if (isRestarted(member)) {
    const figure = "its process was restarted in the window";
    const nextCommand = `journalctl -u etcd --since -10min`;
    return [
      findingOf("stability", {
        ...about,
        figure,
        verdict: "suspect",
        confidence: "high",
        nextCommand,
      }),
    ];
  }
  if (last !== null || first !== null) {
    if (endpoint === null) return [];
    if (fault === null)
      return [findingOf("stability", { ...about, figure: "yes", confidence: "high" })];
    return [
      findingOf("stability", { ...about, figure: fault, verdict: "suspect", confidence: "low" }),
    ];
  }
  const why = fault ?? "no page";
  if (status !== null) {
    const figure = `Status is answered, its metrics are not read: ${why}; name the URL that has them with --metrics-endpoints, as of etcd's --listen-metrics-urls`;
    return [findingOf("stability", { ...about, figure, verdict: "not known", confidence: "high" })];
  }
  return [
    findingOf("stability", {
      ...{ ...about, figure: `no: ${why}`, verdict: "too slow", confidence: "high" },
      nextCommand: endpoint === null ? null : `etcdctl endpoint health --endpoints=${endpoint}`,
    }),
  ];
}

function hasLeader({ name, gauges, endpoint }: MemberEvidence): Findings {
  const seen = gauges.get("etcd_server_has_leader");
  if (seen === undefined) return [];
  const without = seen.readings * (1 - seen.mean);
  const about = { what: "knows a leader", member: name, bound: "at all times", source: MIXIN };
  if (seen.least >= 1) {
    return [findingOf("stability", { ...about, figure: "yes", confidence: "high" })];
  }
  const figure = `not in ${formatCount(without)} of ${formatNoun(seen.readings, "reading")}`;
  const nextCommand =
    endpoint === null ? null : `etcdctl endpoint status --cluster -w table --endpoints=${endpoint}`;
  return [
    findingOf("stability", {
      ...{ ...about, figure, nextCommand, verdict: "too slow", confidence: "high" },
    }),
  ];
}

/** All members count the same changes; one that was restarted counts from 0. */
function leaderChanges(evidence: Evidence): Findings {
  const counted = spansOf(evidence).flatMap(({ member, span }) => {
    const rise = riseOf(span, "etcd_server_leader_changes_seen_total");
    // The first leader that a new process hears of is no change.
    const changes = rise !== null && span.first === null ? Math.max(0, rise - 1) : rise;
    return changes === null ? [] : [{ changes, member, span }];
  });
  const most = counted.toSorted((one, other) => other.changes - one.changes)[0];
  if (most === undefined) return [];
  const { changes, span, member } = most;
  // A slow disk, CPU or network makes a leader change.
  const about = { what: "leader changes", value: changes, unit: "count", isSymptom: true } as const;
  const known = { ...about, bound: CHANGES_BOUND, source: MIXIN };
  const seconds = span.first === null ? null : span.seconds;
  const figure = `${formatCount(changes)} ${overWords(seconds)}`;
  if (seconds === null) {
    // Over months some are nothing.
    return [findingOf("stability", { ...known, figure, confidence: "low" })];
  }
  if (changes === 0) return [findingOf("stability", { ...known, figure, confidence: "high" })];
  const isAlert = changes >= Math.max(2, (MOST_CHANGES * seconds) / ALERT_SECONDS);
  return [
    findingOf("stability", {
      ...{ ...known, figure, confidence: "medium", verdict: isAlert ? "too slow" : "suspect" },
      nextCommand:
        member.endpoint === null
          ? null
          : `etcdctl endpoint status --cluster -w table --endpoints=${member.endpoint}`,
    }),
  ];
}

function corruption({ members }: Evidence): Findings {
  return members.flatMap(({ name, status, endpoint }) => {
    const alarms = (status?.errors ?? []).filter((each) => /corrupt/i.test(each));
    return alarms.map((alarm) =>
      findingOf("stability", {
        ...{ what: "alarm", member: name, figure: alarm, bound: "none", source: "etcd" },
        ...{ verdict: "too slow", confidence: "high" },
        nextCommand: `etcdctl alarm list --endpoints=${endpoint ?? "MEMBER"}`,
      }),
    );
  });
}
