/** Makes the display of commands that show more than a line of progress on a terminal. */
import { LINE_VIEW, TERMINAL_VIEW } from "../../flags/stream.ts";
import type { RunObserver } from "../../run/observer.ts";
import type { ProgressDisplay } from "../measure/progress.ts";
import { wantsColor } from "../output/color.ts";
import { displayFor, type ResultFlags } from "../output/deliver-results.ts";

export interface LiveDisplay extends ProgressDisplay {
  /** They are to see the runs. */
  observers: readonly RunObserver[];
}

/** @param runs how many runs share the display */
export async function liveDisplayFor(
  flags: ResultFlags & { live: string | null },
  runs = 1,
): Promise<LiveDisplay> {
  const { live, quiet, noProgress } = flags;
  const isTerminal = process.stderr.isTTY && process.env.TERM !== "dumb";
  if (!isTerminal || live === LINE_VIEW || quiet || noProgress) {
    const display = displayFor(flags, runs);
    if (live === TERMINAL_VIEW && !isTerminal && !noProgress) {
      display.say("note: --live=tty: standard error is no terminal; progress is printed as lines");
    }
    return { ...display, observers: [] };
  }
  const [{ dashboardLines }, { LiveFigures }] = await Promise.all([
    import("./dashboard.ts"),
    import("./live-figures.ts"),
  ]);
  const figures = new LiveFigures(() => display.redraw());
  const color = wantsColor(flags, process.env, true);
  const display = displayFor(flags, runs, {
    progressed: (progress) => figures.progressed(progress),
    lines: (progress, screen) => dashboardLines(progress, figures, { ...screen, color }),
  });
  const end = () => {
    display.end();
    figures.close();
  };
  return { ...display, end, observers: [figures] };
}
