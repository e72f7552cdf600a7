/**
 * Displays a run's progress and notes on standard error: a line redrawn in place on a terminal, plain
 * lines in a log, nothing with --quiet.
 */
import type { RunProgress } from "../../run/progress.ts";
import { outgoingNote } from "../../text/outgoing.ts";
import { plainLine, terminalLine } from "../output/progress-line.ts";

const REDRAW_MS = 100;
const LOG_LINE_MS = 10_000;
const CLEAR_LINE = "\r\u001b[2K";

export interface ProgressOptions {
  stream: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  /** `notes`: no progress (`--no-progress`); `none`: nothing at all (`--quiet`). */
  show: "all" | "notes" | "none";
  color: boolean;
  nowMs?: () => number;
}

export interface ProgressDisplay {
  update(progress: RunProgress): void;
  /** A line that stays. */
  say(line: string): void;
  /** Takes the redrawn line away. */
  end(): void;
}

export function createProgress(options: ProgressOptions): ProgressDisplay {
  const { stream, show, color, nowMs = () => performance.now() } = options;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let phase: RunProgress["phase"] | null = null;
  let line = "";

  function due(progress: RunProgress): boolean {
    const sinceMs = nowMs() - drawnAtMs;
    return progress.phase !== phase || sinceMs >= (stream.isTTY ? REDRAW_MS : LOG_LINE_MS);
  }

  return {
    update(progress) {
      if (show !== "all" || !due(progress)) return;
      drawnAtMs = nowMs();
      phase = progress.phase;
      if (!stream.isTTY) {
        stream.write(`${plainLine(progress)}\n`);
        return;
      }
      // The last column stays free: some terminals wrap as soon as it is written.
      line = terminalLine(progress, { widthColumns: (stream.columns ?? 80) - 1, color });
      stream.write(CLEAR_LINE + line);
    },
    say(text) {
      if (show === "none") return;
      const shown = outgoingNote(text);
      stream.write(line === "" ? `${shown}\n` : `${CLEAR_LINE}${shown}\n${line}`);
    },
    end() {
      if (line !== "") stream.write(CLEAR_LINE);
      line = "";
    },
  };
}
