/** Opens what streams the figures of a run while it goes on, as the flags ask for it, and closes it. */
import type { Read } from "../../flags/flag.ts";
import type { STREAM_FLAGS } from "../../flags/stream.ts";
import type { RunObserver } from "../../run/observer.ts";

export interface Streams {
  observers: readonly RunObserver[];
  /** The run is over, or there was none. Bounded, and at once when `stop` is aborted. */
  close(stop: AbortSignal): Promise<void>;
}

const NONE: Streams = { observers: [], async close() {} };

/** @throws BenchError (usage) where nothing can be served at the address */
export async function openStreams(
  { metricsListen }: Read<typeof STREAM_FLAGS>,
  say: (line: string) => void,
): Promise<Streams> {
  if (metricsListen === null) return NONE;
  const { RunMetrics } = await import("../../stream/run-metrics.ts");
  const { MetricsListener } = await import("../../stream/metrics-listener.ts");
  const metrics = new RunMetrics();
  const listener = await MetricsListener.open(metricsListen, () => metrics.families());
  say(`metrics are at http://${listener.address}/metrics`);
  return { observers: [metrics], close: (stop) => listener.close(stop) };
}
