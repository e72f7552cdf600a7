/**
 * Holds the client's own lateness and its pauses against the figures that they could spoil: what it
 * cannot rule out as etcd's makes the run limited by the client, and what it can change a little is
 * a doubt that names the figure.
 *
 * An answer waits for the loop of its worker, by at most the loop's delay; a paced request is late
 * by the dispatch lag, which its response time holds. So a percentile holds up to the same
 * percentile of that lateness. With a schedule nothing excuses it: the client has time to spare. In
 * a closed loop clients over throughput is the mean latency, of client and server together: what a full
 * event loop takes from an answer, etcd's queue would have taken instead, so only a lateness of half
 * of the figure says that the client was the limit.
 */

import { capitalised } from "../text/capitalised.ts";
import { formatNoun } from "../text/noun.ts";
import { offeredOperations } from "./offered.ts";
import { type ListedPause, workerPauses } from "./pauses.ts";
import type { ClientResult, Latency, OperationResult } from "./schema.ts";

const PACED_LIMIT_SHARE = 0.2;
const CLOSED_LIMIT_SHARE = 0.5;
const DOUBT_SHARE = 0.2;
/** Timers of the event loop count whole milliseconds, and a scheduler's slices take a few. */
const LEAST_LIMIT_MS = 5;
const LEAST_DOUBT_MS = 2;
/** Histograms begin at 1 ns, which they hold for no time at all: no lateness is part of that. */
const NO_TIME_MS = 1e-6;
/** Of the measured time: more moves throughput, and the 99th percentile of a schedule. */
const PAUSED_LIMIT_PERCENT = 1;
/** A pause as long as this is no scheduler's slice: it limits a run whose maximum it can explain. */
const LONG_PAUSE_MS = 250;

export interface ClientDoubts {
  /** Why this client, not etcd, was measured. */
  limits: string[];
  /** Figures that it may have changed, a sentence each. */
  doubts: string[];
}

/** A figure that the client's lateness may have changed. */
interface LatenessDoubt {
  /** A clause. */
  text: string;
  /** Of the figure, that may be the client's. */
  share: number;
}

/** A figure that a lateness is part of. */
interface Lateness {
  what: string;
  latenessMs: number | null;
  figure: string;
  figureMs: number | null;
  /** Few samples carry no such percentile, which is at most that: no figure is wrong, a doubt tells. */
  isBound: boolean;
}

export function clientDoubts(
  operations: readonly OperationResult[],
  client: ClientResult,
): ClientDoubts {
  const ofPauses = pauseDoubts(operations, client);
  const ofLateness = latenessDoubts(operations, client);
  const doubts = [...ofPauses.doubts, ...ofLateness.doubts.map(({ text }) => `${text}.`)];
  return {
    limits: [...ofPauses.limits, ...ofLateness.limits.map(({ text }) => text)],
    doubts: doubts.map(capitalised),
  };
}

/** Of percentiles alone, without what a pause may have done to a maximum. */
export function latenessDoubts(
  operations: readonly OperationResult[],
  client: ClientResult,
): { limits: LatenessDoubt[]; doubts: LatenessDoubt[] } {
  const offered = offeredOperations(operations);
  const isPaced = offered.some(({ responseTime }) => responseTime !== null);
  const limitShare = isPaced ? PACED_LIMIT_SHARE : CLOSED_LIMIT_SHARE;
  const limits: LatenessDoubt[] = [];
  const doubts: LatenessDoubt[] = [];
  const all = offered.flatMap((one) => latenessesOf(one, client));
  const [known, bounds] = [false, true].map((isBound) =>
    worstOfEach(all.filter((each) => each.isBound === isBound)),
  );
  const told = new Set<string>();
  // What is at most so much limits no run, and must not hide a figure that does.
  for (const each of [...known!, ...bounds!]) {
    const { what, latenessMs, figure, figureMs, isBound } = each;
    if (told.has(what)) continue;
    const share = shareOf(each);
    const text =
      `of ${figure}${isBound ? ", at most" : ""} ${ms(figureMs)}, up to ${ms(Math.min(latenessMs, figureMs))} may be this ` +
      `client's own lateness (${what} ${ms(latenessMs)})`;
    const isLimit = share >= limitShare && latenessMs >= LEAST_LIMIT_MS && !isBound;
    const isDoubt = share >= DOUBT_SHARE && latenessMs >= LEAST_DOUBT_MS;
    if (isLimit || isDoubt) told.add(what);
    if (isLimit) limits.push({ text, share });
    else if (isDoubt) doubts.push({ text, share });
  }
  return { limits, doubts };
}

function latenessesOf(
  { name: operation, serviceTime, responseTime }: OperationResult,
  client: ClientResult,
): Lateness[] {
  const of = (
    what: string,
    clock: string,
    latency: Latency,
    lateness: { p50Ms: number | null; p99Ms: number | null },
  ) =>
    (["p50", "p99"] as const).map((name) => ({
      what: `${what} ${name}`,
      latenessMs: lateness[`${name}Ms`],
      ...figureOf(`the ${clock} time's ${name} of ${operation}`, latency, `${name}Ms`),
    }));
  const { eventLoopDelayP50Ms, eventLoopDelayP99Ms } = loopDelays(operation, client);
  const loop = { p50Ms: eventLoopDelayP50Ms, p99Ms: eventLoopDelayP99Ms };
  const lag = { p50Ms: client.dispatchLagP50Ms, p99Ms: client.dispatchLagP99Ms };
  return [
    ...of("event-loop delay", "service", serviceTime, loop),
    ...(responseTime === null ? [] : of("dispatch lag", "response", responseTime, lag)),
  ];
}

/** While the operation was measured; in older results during the whole run. */
function loopDelays(
  operation: string,
  { slices, eventLoopDelayP50Ms, eventLoopDelayP99Ms }: ClientResult,
): Record<"eventLoopDelayP50Ms" | "eventLoopDelayP99Ms", number | null> {
  const own = slices?.find(({ series }) => series.includes(operation));
  return own ?? { eventLoopDelayP50Ms, eventLoopDelayP99Ms };
}

function figureOf(figure: string, latency: Latency, field: "p50Ms" | "p99Ms") {
  const { [field]: known, atMost } = latency;
  return { figure, figureMs: known ?? atMost?.[field] ?? null, isBound: known === null };
}

type KnownLateness = Lateness & { latenessMs: number; figureMs: number };

/** Of each kind of lateness the operation that it spoils most: one sentence, however many there are. */
function worstOfEach(latenesses: readonly Lateness[]): KnownLateness[] {
  const worst = new Map<string, KnownLateness>();
  for (const each of latenesses) {
    if (!isKnown(each)) continue;
    const known = worst.get(each.what);
    if (known === undefined || shareOf(each) > shareOf(known)) worst.set(each.what, each);
  }
  return [...worst.values()];
}

function shareOf({ latenessMs, figureMs }: KnownLateness): number {
  return latenessMs / figureMs;
}

function isKnown(each: Lateness): each is KnownLateness {
  return each.latenessMs !== null && each.figureMs !== null && each.figureMs > NO_TIME_MS;
}

/** Of pauses of the client alone. */
export function pauseDoubts(
  operations: readonly OperationResult[],
  { pauses }: ClientResult,
): ClientDoubts {
  const none = { limits: [], doubts: [] };
  if (pauses === null || pauses.count === 0) return none;
  const { count, totalMs, longestMs, percent } = pauses;
  const maxima = offeredOperations(operations).flatMap(({ serviceTime, responseTime }) => {
    const latency = responseTime ?? serviceTime;
    // A request without a latency leaves the maximum open, and the slowest known one may be the client's.
    const maxMs = latency.maxMs ?? latency.atLeast?.maxMs ?? null;
    return maxMs === null || maxMs <= NO_TIME_MS ? [] : [maxMs];
  });
  const explainsMaximum = maxima.some((maxMs) => longestMs >= DOUBT_SHARE * maxMs);
  const listed = workerPauses(pauses);
  const first = listed.find(({ durationMs }) => durationMs === longestMs);
  const times = count === 1 ? "once" : `${count} times`;
  const at = first === undefined ? "" : ` at ${first.startSeconds.toFixed(1)} s`;
  const length =
    count === 1 ? `for ${ms(longestMs)}${at}` : `for ${ms(totalMs)} in all, ${ms(longestMs)}${at}`;
  const cause = first === undefined ? "" : `: ${CAUSES[first.cause]}`;
  const text = `${whoPaused(listed, first)} paused ${times} ${length}${cause}`;
  const isLong = longestMs >= LONG_PAUSE_MS && explainsMaximum;
  if ((percent ?? 0) > PAUSED_LIMIT_PERCENT || isLong) {
    return { ...none, limits: [`${text}; requests due or in flight then are late because of it`] };
  }
  return explainsMaximum ? { ...none, doubts: [`${text}; the maximum may be its own.`] } : none;
}

/** With agents also the one that had the longest pause. */
function whoPaused(listed: readonly ListedPause[], longest: ListedPause | undefined): string {
  const names = [...new Set(listed.flatMap(({ agents = [] }) => agents))];
  if (names.length === 0) return "this client";
  if (names.length === 1) return `agent ${names[0]}`;
  return `${formatNoun(names.length, "agent")} (longest: ${longest?.agents?.join(", ") ?? names.join(", ")})`;
}

const CAUSES = {
  "not-run": "it was stopped, throttled, or had no CPU",
  "garbage-collection": "it collected garbage",
  busy: "its event loop was busy",
} as const;

function ms(value: number): string {
  if (value >= 1_000) return `${(value / 1_000).toFixed(2)} s`;
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`;
}
