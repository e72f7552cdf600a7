/** Writes the headline of a page: what was measured, and its outcome. */

import { judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import type { Latency, LatencyFigure, RunResult } from "../../result/schema.ts";
import { searchesOf } from "../../result/search.ts";
import { type ThresholdOutcome, thresholdOutcome } from "../../result/threshold-outcome.ts";
import { latencyText, latencyWords } from "../../tables/latency-text.ts";
import { ABSENT, formatCount, formatRate } from "../../tables/number-format.ts";
import { thresholdSentence } from "../../tables/threshold-words.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { primaryOperations, requestSeries } from "../../workloads/series-roles.ts";
import type { Tone } from "./page.ts";

/** Of one result, or of the search that it belongs to, or of all there are. */
export function headlineOf(results: readonly RunResult[]): string {
  const [first] = results;
  if (first === undefined) return "No results";
  const searches = searchesOf(results);
  if (searches.length === 1 && results.every(({ search }) => search !== null)) {
    const { found } = searches[0]!;
    const limits =
      first.plan.search?.limits.map(({ expression }) => expression).join(" and ") ?? "";
    return found === null
      ? `No rate of ${first.plan.workload.kind} with ${limits} was found on ${etcd(first)}`
      : `${formatRate(found.plan.pacing.ratePerSec)} ${first.plan.workload.kind} requests/s with ${limits} on ${etcd(first)}`;
  }
  if (results.length > 1) {
    const kinds = [...new Set(results.map(({ plan }) => plan.workload.kind))].join(", ");
    const targets = [...new Set(results.map(etcd))].join(" and ");
    return `${formatNoun(results.length, "run")} of ${kinds} on ${targets}`;
  }
  const parts = primaryOperations(first)
    .slice(0, 2)
    .map((operation) => {
      const rate = `${printable(operation.name)} ${formatRate(operation.throughputPerSec)}/s`;
      const p99 = latencyWords(judgedLatency(operation), "p99Ms");
      const name = judgedClock(operation) === "response" ? "response p99" : "p99";
      return p99 === ABSENT ? rate : `${rate} with ${name} ${p99}`;
    });
  return `${parts.join(", ")} on ${etcd(first)}`;
}

function etcd({ target }: RunResult): string {
  const { members, version } = target;
  const name = version === null ? "etcd" : `etcd ${printable(version)}`;
  return members.length === 0 ? name : `${name} (${formatNoun(members.length, "member")})`;
}

export interface Tile {
  name: string;
  value: string;
  /** After the value, small. */
  unit: string;
}

/** The figures that represent a run's load; none of two kinds of requests, of which neither does alone. */
export function tilesOf(result: RunResult): Tile[] {
  const { operations, plan } = result;
  const primary = primaryOperations(result);
  if (requestSeries(primary, plan.workload.kind).length > 1) return [];
  const operation = primary[0]!;
  const clock = judgedClock(operation) === "response" ? " response" : "";
  const latency = judgedLatency(operation);
  const { succeeded, failed, dropped } = operation.requests;
  const lost = failed + dropped;
  return [
    {
      name: operations.length === 1 ? "Throughput" : `${printable(operation.name)}, throughput`,
      value: formatRate(operation.throughputPerSec),
      unit: "/s",
    },
    tile(`p50${clock}`, latency, "p50Ms"),
    tile(`p99${clock}`, latency, "p99Ms"),
    tile(`p99.9${clock}`, latency, "p999Ms"),
    { name: "Succeeded", value: formatCount(succeeded), unit: "" },
    { name: "Failed or dropped", value: formatCount(lost), unit: "" },
  ];
}

function tile(name: string, latency: Latency, field: LatencyFigure): Tile {
  const text = latencyText(latency, field);
  const space = text.lastIndexOf(" ");
  if (space < 0) return { name, value: text, unit: "" };
  return { name, value: text.slice(0, space), unit: text.slice(space) };
}

export interface VerdictWords {
  word: string;
  tone: Tone;
  reasons: string[];
}

/** The worst of all, and each reason once. */
export function verdictOf(results: readonly RunResult[]): VerdictWords {
  const notSound = results.filter(
    ({ verdict, status }) => verdict.kind !== "valid" || status !== "complete",
  );
  const missed = (outcome: ThresholdOutcome) => [
    ...new Set(
      results.flatMap((result) =>
        result.thresholds
          .filter((each) => thresholdOutcome(each) === outcome)
          .map((each) => printable(thresholdSentence(each, result))),
      ),
    ),
  ];
  const [broken, undecided] = [missed("broken"), missed("undecided")];
  const kinds = [...new Set(notSound.map(({ verdict }) => verdict.kind))].filter(
    (kind) => kind !== "valid",
  );
  const statuses = [...new Set(notSound.map(({ status }) => status))].filter(
    (status) => status !== "complete",
  );
  const reasons = [...new Set(notSound.flatMap(({ verdict }) => verdict.reasons))].map(printable);
  const share =
    results.length > 1 ? `${notSound.length} of ${formatNoun(results.length, "run")}: ` : "";
  if (notSound.length > 0) {
    const isFailure = kinds.includes("errors") || statuses.includes("failed");
    const told = reasons.length > 0 ? reasons : ["what was measured until then is shown"];
    return {
      word: [...kinds, ...statuses].join(", "),
      tone: isFailure ? "bad" : "warning",
      reasons: [`${share}${told.join("; ")}`],
    };
  }
  if (broken.length + undecided.length > 0) {
    return {
      word: broken.length > 0 ? "threshold not kept" : "threshold undecided",
      tone: broken.length > 0 ? "bad" : "warning",
      reasons: [`the measurement is valid: ${[...broken, ...undecided].join("; ")}`],
    };
  }
  return {
    word: "valid",
    tone: "good",
    reasons: ["requests were sent as planned, and the client was not the limit"],
  };
}
