/** Owns SIGINT and SIGTERM: the first one ends a run in order, the second one leaves at once. */
import { EXIT } from "../errors.ts";

export interface Interrupts {
  /** Aborted by the first signal once a run is under way. */
  signal: AbortSignal;
  /** From now on the first signal drains; before, there is nothing to keep and it leaves at once. */
  runBegins(): void;
  dispose(): void;
}

/** `say` tells the person that the first signal was heard. */
export function listenForInterrupts(say: (line: string) => void): Interrupts {
  const abort = new AbortController();
  let running = false;
  const hear = () => {
    // The exit event still runs, and takes down what was started for this run.
    if (!running || abort.signal.aborted) process.exit(EXIT.interrupted);
    say("stopping: waiting for the requests in flight; once more leaves at once");
    abort.abort();
  };
  process.on("SIGINT", hear);
  process.on("SIGTERM", hear);
  return {
    signal: abort.signal,
    runBegins() {
      running = true;
    },
    dispose() {
      process.off("SIGINT", hear);
      process.off("SIGTERM", hear);
    },
  };
}
