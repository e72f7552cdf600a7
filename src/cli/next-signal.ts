/** Waits for the signal that ends a command which goes on until one comes. */
import { ENDING_SIGNALS } from "../etcd/local-cluster/exit-cleanup.ts";

export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const ignored = process.listenerCount("SIGHUP") > 0;
    for (const name of ENDING_SIGNALS) {
      // What nohup ignores stays ignored.
      if (name === "SIGHUP" && ignored) continue;
      const onSignal = () => {
        resolve(name);
        // Later: the listeners that follow see that this one took it.
        setImmediate(() => process.off(name, onSignal));
      };
      process.on(name, onSignal);
    }
  });
}
