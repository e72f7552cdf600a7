/**
 * Ends running clusters when this process ends without having stopped them: each synchronously, on
 * `exit` and on signals that have no other handler.
 */

/** Those that end a process, where a handler of ours can run. */
export const ENDING_SIGNALS = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGQUIT",
  "SIGALRM",
  "SIGUSR2",
  "SIGVTALRM",
  "SIGXCPU",
] as const;

/** How to end each cluster that runs, without the event loop. */
const running = new Set<() => void>();

/** Ends the cluster with the process until the function that is given back has been called. */
export function endWithProcess(endSync: () => void): () => void {
  if (running.size === 0) {
    process.on("exit", endAll);
    for (const name of ENDING_SIGNALS) process.on(name, onSignal);
  }
  running.add(endSync);
  return () => {
    if (running.delete(endSync) && running.size === 0) removeListeners();
  };
}

function endAll(): void {
  for (const endSync of [...running]) {
    running.delete(endSync);
    endSync();
  }
}

/** Where ours is the only listener, the signal would have ended the process: so it still does. */
function onSignal(name: NodeJS.Signals): void {
  if (process.listenerCount(name) > 1) return;
  endAll();
  removeListeners();
  process.kill(process.pid, name);
}

function removeListeners(): void {
  process.off("exit", endAll);
  for (const name of ENDING_SIGNALS) process.off(name, onSignal);
}
