/** Waits for the signal that ends a command which goes on until one comes. */
import { ENDING_SIGNALS } from "../etcd/local-cluster/exit-cleanup.ts";

/** The next one after it, of the same name or another, ends the process at once. */
export function nextSignal(): Promise<NodeJS.Signals> {
  // What nohup ignores stays ignored.
  const isIgnored = process.listenerCount("SIGHUP") > 0;
  const heard = ENDING_SIGNALS.filter((name) => name !== "SIGHUP" || !isIgnored);
  return new Promise((resolve) => {
    const onSignal = (name: NodeJS.Signals) => {
      resolve(name);
      // Later: the listeners that follow see that this one took it.
      setImmediate(() => {
        for (const each of heard) process.off(each, onSignal);
      });
    };
    for (const name of heard) process.on(name, onSignal);
  });
}
