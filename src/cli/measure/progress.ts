/**
 * Displays a run's progress and notes on standard error: redrawn in place on a terminal, as a line or as
 * what a tall terminal has room for, plain lines in a log, nothing with --quiet.
 */
import type { RunProgress } from "../../run/progress.ts";
import { outgoingNote } from "../../text/outgoing.ts";
import { plainLine, terminalLine } from "../output/progress-line.ts";
import { TerminalBlock } from "../output/terminal-block.ts";
import { sizeOf } from "../output/terminal-size.ts";

const REDRAW_MS = 100;
const LOG_LINE_MS = 10_000;

export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  on?(event: "resize", listener: () => void): unknown;
  off?(event: "resize", listener: () => void): unknown;
}

/** What more than a line of progress a terminal shows. */
export interface TerminalView {
  progressed(progress: RunProgress): void;
  /** Fewer lines than `rows`. `columns`: one less than the terminal has. */
  lines(progress: RunProgress, screen: { rows: number; columns: number }): string[];
}

export interface ProgressOptions {
  stream: ProgressStream;
  /** `notes`: no progress (`--no-progress`); `none`: nothing at all (`--quiet`). */
  show: "all" | "notes" | "none";
  color: boolean;
  /** The terminal moves no cursor (TERM=dumb): plain lines, as in a log. */
  isDumb?: boolean;
  /** Absent: a line. */
  view?: TerminalView;
  nowMs?: () => number;
}

export interface ProgressDisplay {
  update(progress: RunProgress): void;
  /** Draws what was drawn last again, with what has changed meanwhile. */
  redraw(): void;
  /** A line that stays. */
  say(line: string): void;
  /** Takes what is redrawn away. */
  end(): void;
}

export function createProgress(options: ProgressOptions): ProgressDisplay {
  const { stream, show, color, view, nowMs = () => performance.now() } = options;
  const isTerminal = stream.isTTY === true && options.isDumb !== true;
  const block = new TerminalBlock(stream);
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let phase: RunProgress["phase"] | null = null;
  /** Null: nothing is drawn. */
  let last: RunProgress | null = null;

  function due(progress: RunProgress): boolean {
    const sinceMs = nowMs() - drawnAtMs;
    return progress.phase !== phase || sinceMs >= (isTerminal ? REDRAW_MS : LOG_LINE_MS);
  }

  function redraw(): void {
    if (last === null) return;
    // The last column stays free: some terminals wrap as soon as it is written.
    const { columns: all, rows } = sizeOf(stream);
    const columns = all - 1;
    block.draw(
      view?.lines(last, { rows, columns }) ?? [
        terminalLine(last, { widthColumns: columns, color }),
      ],
    );
  }

  function end(): void {
    block.clear();
    last = null;
    stream.off?.("resize", redraw);
    process.off("exit", end);
  }

  /** Of each run that shares the display: `end` comes after each. */
  function begin(): void {
    if (view === undefined || last !== null) return;
    stream.on?.("resize", redraw);
    // A second Ctrl-C leaves at once.
    process.once("exit", end);
  }

  return {
    update(progress) {
      if (show !== "all") return;
      view?.progressed(progress);
      if (!due(progress)) return;
      drawnAtMs = nowMs();
      phase = progress.phase;
      if (isTerminal) {
        begin();
        last = progress;
        redraw();
      } else {
        stream.write(`${plainLine(progress)}\n`);
      }
    },
    redraw,
    say(text) {
      if (show !== "none") block.above(outgoingNote(text));
    },
    end,
  };
}
