/** Judges a run: whether it was etcd that was measured. */
import type { RunPlan } from "../plan/schema.ts";
import { clientDoubts } from "../result/client-doubts.ts";
import { mostFrequentError } from "../result/error-words.ts";
import { eventFaults } from "../result/event-faults.ts";
import { failedShare, judgedRequests } from "../result/failed-share.ts";
import { hashFaults } from "../result/hash-kv.ts";
import { offeredOperations } from "../result/offered.ts";
import type { ClientResult, HashKv, OperationResult, Verdict } from "../result/schema.ts";
import { formatAskedRate, formatCount } from "../tables/number-format.ts";
import { formatDuration } from "../units.ts";
import { measuredSecondsOf, skewReasons } from "./agent-doubts.ts";

/** A worker whose event loop works more than this share of the time measures itself. */
const BUSY_LIMIT_PERCENT = 90;
/** Less than this share of the offered rate is a rate that was not met. */
const RATE_LIMIT = 0.99;
/** Answers that come a second apart at a paced rate are a stall. */
const LEAST_SILENCE_SECONDS = 1;

export interface RateKept {
  /** The schedule's span over the span in which it was sent; null in a closed loop. */
  sentShare: number | null;
}

export function judge(
  plan: RunPlan,
  operations: readonly OperationResult[],
  client: ClientResult,
  rate: RateKept,
  hashKv: HashKv | null = null,
  faults: readonly string[] = [],
): Verdict {
  const errors = [...errorReasons(plan, operations), ...hashFaults(hashKv), ...faults];
  const limited = [
    ...limitReasons(client),
    ...lostReasons(plan, client),
    ...clientDoubts(operations, client).limits,
  ];
  const unmet = rateReasons(plan, operations, client, rate);
  const skewed = skewReasons(client.agents, measuredSecondsOf(operations));
  const reasons = [...errors, ...limited, ...unmet, ...skewed];
  if (errors.length > 0) return { kind: "errors", reasons };
  if (limited.length > 0) return { kind: "client-limited", reasons };
  if (unmet.length > 0) return { kind: "rate-unmet", reasons };
  if (skewed.length > 0) return { kind: "skewed", reasons };
  return { kind: "valid", reasons };
}

function errorReasons(plan: RunPlan, operations: readonly OperationResult[]): string[] {
  const reasons: string[] = [];
  for (const operation of offeredOperations(operations)) {
    const { name, requests } = operation;
    const judged = judgedRequests(operation, plan);
    const share = failedShare(judged);
    const reason = mostFrequentError(operation.errors);
    const why = reason === null ? "" : `: ${reason}`;
    if (requests.started === 0) reasons.push(`no ${name} request was sent before the run ended`);
    // What a part or an effect lost to events alone is excused; a whole of which nothing is left is no run.
    else if (requests.succeeded === 0 && (share !== null || operation === operations[0])) {
      reasons.push(`no ${name} request succeeded${why}`);
    } else if (share !== null && share > plan.judge.maxErrorRate) {
      reasons.push(
        `${judged.failed} of ${judged.succeeded + judged.failed} ${name} requests failed${untouched(plan)} (${percent(share)}), ` +
          // Which of the errors are of requests that an event touched is not known.
          `above --max-error-rate=${plan.judge.maxErrorRate}${plan.maintenance.events.length === 0 ? why : ""}`,
      );
    }
  }
  return [...reasons, ...operations.flatMap(eventFaults)];
}

/** Which of them are judged, where not all are. */
function untouched({ maintenance }: RunPlan): string {
  return maintenance.events.length === 0 ? "" : " that no --event touched";
}

function limitReasons(client: ClientResult): string[] {
  const { busyPercentMax, workers } = client;
  if (busyPercentMax === null || busyPercentMax <= BUSY_LIMIT_PERCENT) return [];
  return [
    `a worker's event loop was busy ${busyPercentMax.toFixed(0)}% of the time: this client, not etcd, ` +
      `was the limit; raise --workers (now ${workers}), or take a faster machine for the client`,
  ];
}

/** A rate tells by itself what was not sent; in a closed loop fewer clients are another load. */
function lostReasons({ pacing }: RunPlan, { agents }: ClientResult): string[] {
  const names = lostNames(agents);
  if (pacing.ratePerSec !== null || names === "") return [];
  return [
    `what the clients of lost agents (${names}) did from then on is in no figure, so that these are not those ` +
      "of all clients; measure again with all agents",
  ];
}

/** `one, two`; empty: none is lost. */
function lostNames(agents: ClientResult["agents"] = []): string {
  return agents
    .filter(({ lost }) => lost !== null)
    .map(({ name }) => name)
    .join(", ");
}

function rateReasons(
  plan: RunPlan,
  operations: readonly OperationResult[],
  client: ClientResult,
  { sentShare }: RateKept,
): string[] {
  const { ratePerSec } = plan.pacing;
  if (ratePerSec === null) return [];
  const reasons: string[] = [];
  for (const { name, requests, intervals } of operations) {
    const { offered, started, dropped, unreported = 0 } = requests;
    if (started >= offered * RATE_LIMIT) continue;
    const due = (count: number) =>
      `${formatCount(count)} of ${formatCount(offered)} ${name} requests that were due`;
    if (unreported > 0) {
      reasons.push(
        `${due(unreported)} on lost agents (${lostNames(client.agents)}) are in no report of theirs, and whether they were ` +
          "sent is not known; measure again with all agents",
      );
    }
    if (dropped === unreported) continue;
    const silentSeconds = silenceAtEnd(intervals);
    const why =
      silentSeconds < LEAST_SILENCE_SECONDS
        ? "all clients were waiting for answers; raise --clients or lower --rate"
        : `no answer came in the last ${silentSeconds.toFixed(1)} s: etcd stalled or could not be reached at the end of ` +
          "the run, and more clients would have waited too; where it comes back, " +
          `a --timeout above that time (now ${formatDuration(plan.load.timeoutMs)}) lets the run wait for it`;
    reasons.push(`${due(dropped - unreported)} could not be sent before the run ended: ${why}`);
  }
  if (reasons.length === 0 && sentShare !== null && sentShare < RATE_LIMIT) {
    reasons.push(
      `the schedule of ${formatAskedRate(ratePerSec)}/s was sent at ${percent(sentShare)} of its pace: ` +
        "raise --clients or lower --rate",
    );
  }
  return reasons;
}

/** Seconds of the last intervals without any answer; 0 where the last one has some. */
function silenceAtEnd(intervals: OperationResult["intervals"]): number {
  const answered = intervals.findLastIndex(({ succeeded }) => succeeded > 0);
  if (answered < 0) return 0;
  return intervals
    .slice(answered + 1)
    .reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.01 ? 2 : 1)}%`;
}
