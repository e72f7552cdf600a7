/** Opens what shows or streams the figures of a run while it goes on, as the flags ask for it, and closes it. */
import type { Read } from "../../flags/flag.ts";
import type { STREAM_FLAGS } from "../../flags/stream.ts";
import type { RunResult } from "../../result/schema.ts";
import type { RunObserver } from "../../run/observer.ts";

export interface Streams {
  observers: readonly RunObserver[];
  /** No run follows, and these are the results. */
  finish(results: readonly RunResult[]): void;
  /** The runs are over, or there was none. Bounded, and at once when `stop` is aborted. */
  close(stop: AbortSignal): Promise<void>;
}

type Stream = { observer: RunObserver } & Pick<Streams, "close"> & Partial<Pick<Streams, "finish">>;

/** @throws BenchError (usage) where nothing can be served at an address */
export async function openStreams(
  { metricsListen, live }: Read<typeof STREAM_FLAGS>,
  say: (line: string) => void,
): Promise<Streams> {
  const streams: Stream[] = [];
  const close: Streams["close"] = async (stop) => {
    await Promise.all(streams.map((stream) => stream.close(stop)));
  };
  try {
    if (metricsListen !== null) streams.push(await openMetrics(metricsListen, say));
    if (live !== null) streams.push(await openPage(live, say));
  } catch (error) {
    await close(AbortSignal.abort());
    throw error;
  }
  return {
    observers: streams.map(({ observer }) => observer),
    finish(results) {
      for (const stream of streams) stream.finish?.(results);
    },
    close,
  };
}

async function openMetrics(address: string, say: (line: string) => void): Promise<Stream> {
  const { RunMetrics } = await import("../../stream/run-metrics.ts");
  const { MetricsListener } = await import("../../stream/metrics-listener.ts");
  const metrics = new RunMetrics();
  const listener = await MetricsListener.open(address, () => metrics.families());
  say(`metrics are at http://${listener.address}/metrics`);
  return { observer: metrics, close: (stop) => listener.close(stop) };
}

async function openPage(address: string, say: (line: string) => void): Promise<Stream> {
  const { LiveRunsKeeper } = await import("../../stream/live-runs.ts");
  const { LivePageServer } = await import("../../stream/live-page-server.ts");
  const keeper = new LiveRunsKeeper(() => server.changed());
  const server = await LivePageServer.open(address, () => keeper.runs);
  say(`the live page is at http://${server.address}/`);
  return {
    observer: keeper,
    finish: (results) => keeper.finish(results),
    close: () => server.close(),
  };
}
