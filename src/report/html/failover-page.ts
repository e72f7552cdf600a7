/** The page of a failover report: a timeline a trial, aligned at the fault, and the distribution. */
import type { FailoverReport, ServiceRow, TrialTimeline } from "../../failover/report-schema.ts";
import { formatDuration, formatPercent } from "../../tables/number-format.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import { boundsOf } from "../failover/figures.ts";
import { failoverSections, titleOf, verdictLine, whatWasRun } from "../failover/words.ts";
import { renderTableOf } from "./data-table.ts";
import { type Figure, renderFigure } from "./figure.ts";
import { html, NOTHING } from "./markup.ts";
import { type Page, renderPage, type Tone } from "./page.ts";
import type { Band, Plot } from "./plot.ts";
import { linearScale, type Scale } from "./scale.ts";

const TONES: Record<FailoverReport["verdict"]["kind"], Tone> = {
  passed: "good",
  failed: "bad",
  incomplete: "warning",
};

/** Trials that are drawn; of more only the tables tell. */
const MOST_TRIALS = 30;

export function renderFailoverPage(report: FailoverReport): string {
  return renderPage(failoverPage(report));
}

export function failoverPage(report: FailoverReport): Page {
  const [word, ...tail] = verdictLine(report).split(": ");
  const shown = report.timelines.slice(0, MOST_TRIALS);
  return {
    over: `bench · ${report.startedAt.slice(0, 10)}`,
    headline: titleOf(report),
    lead: whatWasRun(report).map(printable),
    verdict: {
      word: word!,
      tone: TONES[report.verdict.kind],
      reasons: [printable(tail.join(": "))],
    },
    body: [
      ...failoverSections(report, paintFor(false)).map(renderTableOf),
      renderFigure(distributionFigure(report)),
      ...(shown.length === 0 ? [] : [renderFigure(timelinesFigure(shown))]),
      report.notes.length === 0
        ? NOTHING
        : html`<section class="block"><h3>Notes</h3>${report.notes.map((note) => html`<p class="remark">${printable(note)}</p>`)}</section>`,
    ],
  };
}

/** Of the clients that a fault of one member leaves with a server. */
function drawnRows({ rows }: FailoverReport): ServiceRow[] {
  return rows.filter(({ role }) => role === "all" || role === "any");
}

function distributionFigure(report: FailoverReport): Figure {
  const rows = drawnRows(report).map((row) => {
    const { values } = row.longestWindowMs;
    const bounds = boundsOf(row.longestWindowMs);
    const all = values.filter((value) => value !== null).toSorted((a, b) => a - b);
    // One that was open at the end may have been of any length from there on: it makes no step.
    return { row, bounds, all, sorted: all.filter((value) => !bounds.includes(value)) };
  });
  const longestMs = Math.max(1, ...rows.flatMap(({ all }) => all));
  const x = linearScale(longestMs, (ms) => formatDuration(ms));
  const y = linearScale(100, (percent) => formatPercent(percent), { isTight: true, steps: 4 });
  return {
    title: "Longest window of each trial",
    caption: [
      "The share of trials whose longest unavailability window was at most so long.",
      ...(rows.some(({ bounds }) => bounds.length > 0)
        ? [
            "Windows that were open when their run ended are in no step: how long they were is not known.",
          ]
        : []),
    ],
    panels: [
      {
        title: "Trials, cumulative",
        heightPx: 200,
        x,
        y,
        lines: rows.map(({ row, all, sorted }, at) => ({
          name: row.operation,
          slot: at + 1,
          hasDots: true,
          points: sorted.map((ms, index) => ({
            x: x.at(ms),
            y: y.at((100 * (index + 1)) / all.length),
          })),
        })),
        xTitle: "longest window",
      },
    ],
    columns: [
      { header: "Operation", slot: null },
      { header: "Trial", slot: null },
      { header: "Longest window", slot: null },
    ],
    rows: rows.flatMap(({ row, bounds }) =>
      row.longestWindowMs.values.map((value, at) => ({
        x: x.at(value ?? 0),
        cells: [
          row.operation,
          String(at + 1),
          `${value !== null && bounds.includes(value) ? ">=" : ""}${formatDuration(value)}`,
        ],
      })),
    ),
  };
}

function timelinesFigure(trials: readonly TrialTimeline[]): Figure {
  const startMs = Math.min(...trials.map(({ faultMs }) => -faultMs));
  const endMs = Math.max(
    ...trials.map(({ faultMs, good, binMs }) => good.length * binMs - faultMs),
  );
  const x = linearScale(endMs, (ms) => formatDuration(ms), { min: startMs, isTight: true });
  const y = linearScale(100, (percent) => formatPercent(percent), { isTight: true, steps: 2 });
  return {
    title: "Each trial, aligned at the fault",
    caption: [
      "The share of requests that were due and got a good answer, of clients on all members. Grey: the time of the fault. Coloured: the windows of any operation of these clients. A line: the next leader was elected.",
    ],
    panels: trials.map((trial, at) => trialPlot(trial, x, y, at === trials.length - 1)),
    columns: [
      { header: "From the fault on", slot: null },
      ...trials.map(({ trial }) => ({ header: `Trial ${trial}`, slot: null })),
    ],
    rows: rowsOf(trials, x),
  };
}

function trialPlot(
  { trial, member, faultMs, lastedMs, leaderElectedMs, groups, binMs, good }: TrialTimeline,
  x: Scale,
  y: Scale,
  hasXLabels: boolean,
): Plot {
  const fault: Band = {
    from: x.at(0),
    to: x.at(lastedMs ?? 0),
    tone: "phase",
    label: "",
  };
  const windows = groups
    .filter(({ role }) => role === "all" || role === "any")
    .flatMap(({ windows: own }) => own)
    .map(({ fromMs, toMs }): Band => {
      return { from: x.at(fromMs), to: x.at(toMs), tone: "event", label: "" };
    });
  const elected: Band[] =
    leaderElectedMs === null
      ? []
      : [
          {
            from: x.at(leaderElectedMs),
            to: x.at(leaderElectedMs),
            tone: "bare",
            label: "elected",
          },
        ];
  return {
    title: `Trial ${trial}${member === null ? "" : `, ${printable(member)}`}`,
    heightPx: 70,
    x,
    y,
    hasXLabels,
    bands: [fault, ...windows, ...elected],
    lines: [
      {
        name: "good",
        slot: 1,
        points: good.map((share, bin) =>
          share === null ? null : { x: x.at(bin * binMs - faultMs), y: y.at(100 * share) },
        ),
      },
    ],
    xTitle: "from the beginning of the fault on",
  };
}

/** Every bin of the first trial; others are within a heartbeat of it. */
function rowsOf(trials: readonly TrialTimeline[], x: Scale): Figure["rows"] {
  const [first] = trials;
  return first!.good.map((_, bin) => {
    const ms = bin * first!.binMs - first!.faultMs;
    return {
      x: x.at(ms),
      cells: [
        formatDuration(ms),
        ...trials.map(({ good }) => {
          const share = good[bin] ?? null;
          return share === null ? "-" : formatPercent(100 * share);
        }),
      ],
    };
  });
}
