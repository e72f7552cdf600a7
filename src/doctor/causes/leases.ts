/** Leases: how many are granted, and whether clients keep them alive. */
import { formatCount } from "../../tables/number-format.ts";
import type { Evidence } from "../evidence.ts";
import { riseOf } from "../window.ts";
import { overWords } from "../words.ts";
import { canaryLeases } from "./canary.ts";
import { type Findings, findingOf, spansOf } from "./judged.ts";

/** Leases that expire are how some clients work; so many may have lost their keep-alives. */
const MOST_EXPIRED_PER_SECOND = 50;

export function judgeLeases(evidence: Evidence): Findings {
  const ofMembers = spansOf(evidence).flatMap(({ member, span }) => {
    const of = (name: string) => riseOf(span, name);
    const granted = of("etcd_debugging_lease_granted_total");
    const revoked = of("etcd_debugging_lease_revoked_total");
    const expired = of("etcd_debugging_server_lease_expired_total");
    if (granted === null || expired === null) return [];
    const { seconds } = span;
    const perSecond = seconds === null || seconds <= 0 ? null : expired / seconds;
    const isMany = perSecond !== null && perSecond >= MOST_EXPIRED_PER_SECOND;
    return [
      findingOf("leases", {
        ...{ what: "leases", member: member.name, value: perSecond, unit: "per second" },
        figure:
          `${formatCount(granted)} granted, ${formatCount(revoked)} revoked, ` +
          `${formatCount(expired)} expired ${overWords(seconds)}`,
        ...{ bound: `< ${MOST_EXPIRED_PER_SECOND} expire a second`, source: "bound of bench" },
        verdict: isMany ? "suspect" : "fine",
        confidence: isMany ? "low" : "high",
        nextCommand: isMany
          ? `etcdctl lease list --endpoints=${member.endpoint ?? "MEMBER"}`
          : null,
      }),
    ];
  });
  return [...ofMembers, ...canaryLeases(evidence)];
}
