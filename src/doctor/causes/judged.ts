/** What the files of causes share: how a finding is made, and how times are held to a bound. */
import { formatCount } from "../../tables/number-format.ts";
import type { Evidence, MemberEvidence } from "../evidence.ts";
import type { Cause, Confidence, Finding, Verdict } from "../finding.ts";
import { countAbove, judgeQuantile, meanOf, type Rise, type Span, spanOf } from "../window.ts";

const P99 = 0.99;
/** The fewest that carry a p99, and those that carry it well. */
const CARRIES_P99 = 100;
const CARRIES_P99_WELL = 1_000;
/** Where a thread waits so long for a CPU each time, a few slow writes say nothing of the disk. */
const CONTENDED_SECONDS = 0.000_3;
/** From this share on, waits for a CPU explain the time of a write. */
const EXPLAINING_SHARE = 0.5;

export type Findings = readonly Finding[];

/** One cause, judged by all that is known. */
export type Judge = (evidence: Evidence) => Findings;

type Given = Pick<Finding, "what" | "figure"> & Partial<Finding>;

/** A finding of the cause; what is not given is of no member, fine, and without a bound. */
export function findingOf(cause: Cause, given: Given): Finding {
  return {
    cause,
    verdict: "fine",
    member: null,
    value: null,
    unit: "text",
    bound: null,
    source: null,
    confidence: "medium",
    isSymptom: false,
    nextCommand: null,
    ...given,
  };
}

/** Members of which a page was read, each with its window. */
export function spansOf({ members }: Evidence): { member: MemberEvidence; span: Span }[] {
  return members.flatMap((member) => {
    const span = spanOf(member);
    return span === null ? [] : [{ member, span }];
  });
}

/** How long a thread of the process waits for a CPU each time that it has work; null: not known. */
export function waitPerSliceSeconds({ process }: MemberEvidence): number | null {
  const { runQueueSeconds = null, timeSlices = null } = process ?? {};
  return runQueueSeconds === null || !timeSlices ? null : runQueueSeconds / timeSlices;
}

/** Of a machine without idle CPUs. */
const MOST_IDLE_PERCENT = 10;
const LEAST_OTHERS_PERCENT = 50;

/**
 * What others than etcd and this process use of this machine's CPUs, in percent; null: not known, or they
 * leave some idle.
 */
export function othersOnFullMachine(client: Evidence["client"]): number | null {
  const { idleCpuPercent: idle = null, otherCpuPercent: others = null } = client?.machine ?? {};
  const isFull = idle !== null && idle < MOST_IDLE_PERCENT;
  return isFull && others !== null && others >= LEAST_OTHERS_PERCENT ? others : null;
}

/** Where this process waits so long for a CPU each time, what it measures is late for that. */
const BUSY_CLIENT_SECONDS = 0.001;

/** Whether the times of this process's own requests may be those of its machine. */
export function isClientBusy(client: Evidence["client"]): boolean {
  const { runQueueSeconds = null, timeSlices = null } = client?.process ?? {};
  const waited = timeSlices ? (runQueueSeconds ?? 0) / timeSlices : 0;
  return waited >= BUSY_CLIENT_SECONDS || othersOnFullMachine(client) !== null;
}

export interface TimesVerdict {
  verdict: Verdict;
  confidence: Confidence;
  /** Further words on the figure; empty: none. */
  why: string;
}

/**
 * Holds times of writes to "p99 is at most the limit". Too slow is what is above it on average too, and
 * not for want of a CPU, for which its threads wait `waits` times; what has only a long tail, or may have its bucket around the limit, is suspect.
 */
export function judgeWrites(
  rise: Rise,
  { limitSeconds, waits }: { limitSeconds: number; waits: number },
  { member, span, client }: { member: MemberEvidence; span: Span } & Pick<Evidence, "client">,
): TimesVerdict {
  const side = judgeQuantile(rise, P99, limitSeconds);
  const mean = meanOf(rise);
  const isWindow = span.seconds !== null;
  if (side === null) return { verdict: "not known", confidence: "low", why: "" };
  const slow = countAbove(rise, limitSeconds).least;
  const share = `${formatCount(slow)} of ${formatCount(rise.total)} above it`;
  if (side === "below") {
    if (slow > (1 - P99) * rise.total) {
      return { verdict: "fine", confidence: "low", why: `${share}, which may be chance` };
    }
    const byCount =
      rise.total < CARRIES_P99 ? "low" : rise.total < CARRIES_P99_WELL ? "medium" : "high";
    return { verdict: "fine", confidence: isWindow ? byCount : "low", why: "" };
  }
  if (side === "undecided") {
    const why = `${share} for sure: the limit lies within a bucket of etcd's histogram`;
    return { verdict: "suspect", confidence: "low", why };
  }
  const waited = waitPerSliceSeconds(member);
  const isForCpu = mean !== null && waited !== null && waited * waits >= EXPLAINING_SHARE * mean;
  if (isForCpu) {
    const why = "waits for a CPU may explain it";
    return { verdict: "suspect", confidence: "low", why };
  }
  if (mean !== null && mean < limitSeconds) {
    const isFull = othersOnFullMachine(client) !== null;
    const isCalm = waited !== null && waited < CONTENDED_SECONDS && !isFull;
    const confidence = isWindow && isCalm ? "medium" : "low";
    return { verdict: "suspect", confidence, why: "a long tail: some are slow, most are not" };
  }
  if (!isWindow) return { verdict: "suspect", confidence: "low", why: "" };
  return { verdict: "too slow", confidence: waited === null ? "medium" : "high", why: "" };
}

export function withWhy(figure: string, why: string): string {
  return why === "" ? figure : `${figure} (${why})`;
}
