/** Marks phases, events and pauses of the client in the chart of a run over its time. */
import { eventKind } from "../../events/catalogue.ts";
import type { ListedPause } from "../../result/pauses.ts";
import type { EtcdEvent, RunResult } from "../../result/schema.ts";
import { printable } from "../../text/visible.ts";
import type { Band } from "./plot.ts";
import type { Scale } from "./scale.ts";
import { phasesOf, type Timeline } from "./timeline.ts";

const PAUSE_SIGN = "P";

/** A phase's name is shown where it has so much of the axis for each letter. */
const ROOM_PER_LETTER = 0.012;

/** Signs of events closer than this are drawn once, in fractions of the axis. */
const SIGN_GAP = 0.03;

export function marksOf(
  { moments }: Pick<RunResult, "moments">,
  timeline: Timeline,
  pauses: readonly ListedPause[],
  x: Scale,
): Band[] {
  return [...phaseBands(timeline, x), ...eventBands(moments, x), ...pauseBands(pauses, x)];
}

/** The signs of the marks, each with its meaning. */
export function signsOf(events: readonly EtcdEvent[], hasPauses: boolean): string[] {
  const kinds = [...new Set(events.map(({ kind }) => kind))];
  const signs = kinds.map((kind) => {
    const { mark, describe } = eventKind(kind);
    return `${mark} ${printable(describe(null))}`;
  });
  return hasPauses ? [...signs, `${PAUSE_SIGN} pause of the client`] : signs;
}

/** Every other one is tinted. */
function phaseBands(timeline: Timeline, x: Scale): Band[] {
  return phasesOf(timeline).map(({ name, startSeconds, endSeconds }, at) => {
    const [from, to] = [x.at(startSeconds), x.at(endSeconds)];
    const hasRoom = to - from > ROOM_PER_LETTER * name.length;
    return { from, to, tone: at % 2 === 0 ? "phase" : "bare", label: hasRoom ? name : "" };
  });
}

function eventBands(events: readonly EtcdEvent[], x: Scale): Band[] {
  let lastSign = Number.NEGATIVE_INFINITY;
  return events
    .filter(({ error, durationSeconds }) => error === null || durationSeconds !== null)
    .map(({ kind, startSeconds, durationSeconds }): Band => {
      const from = Math.max(0, x.at(startSeconds));
      const to = Math.min(1, x.at(startSeconds + (durationSeconds ?? 0)));
      const hasSign = from - lastSign >= SIGN_GAP;
      if (hasSign) lastSign = from;
      return {
        from,
        to: Math.max(from, to),
        tone: "event",
        label: hasSign ? eventKind(kind).mark : "",
      };
    });
}

/** Stretches in which the client did not run: what they hold is not etcd's. */
function pauseBands(pauses: readonly ListedPause[], x: Scale): Band[] {
  let lastSign = Number.NEGATIVE_INFINITY;
  return pauses.map(({ startSeconds, durationMs }): Band => {
    const from = Math.min(1, Math.max(0, x.at(startSeconds)));
    const to = Math.min(1, x.at(startSeconds + durationMs / 1e3));
    const hasSign = from - lastSign >= SIGN_GAP;
    if (hasSign) lastSign = from;
    return { from, to: Math.max(from, to), tone: "pause", label: hasSign ? PAUSE_SIGN : "" };
  });
}
