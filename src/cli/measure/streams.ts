/** Opens what shows or streams the figures of a run while it goes on, as the flags ask for it, and closes it. */
import type { Read } from "../../flags/flag.ts";
import {
  LINE_VIEW,
  readStreamOutput,
  type STREAM_FLAGS,
  type StreamOutput,
  TERMINAL_VIEW,
} from "../../flags/stream.ts";
import { toolName } from "../../package-root.ts";
import type { LiveReport } from "../../report/html/live-page.ts";
import type { RunObserver } from "../../run/observer.ts";
import type { RunMetrics } from "../../stream/run-metrics.ts";
import { keepArgumentSecrets } from "../../text/argument-secrets.ts";

export interface Streams {
  observers: readonly RunObserver[];
  /**
   * No run follows, and this came of them. It gets notes on what was not delivered. Bounded, and at once
   * when `stop` is aborted.
   */
  end(report: LiveReport, stop: AbortSignal): Promise<void>;
  /** The runs are over, or there was none. */
  close(stop: AbortSignal): Promise<void>;
}

interface Stream {
  observer?: RunObserver;
  /** Delivers what is left of the runs. Resolves to a note for the result, or null. */
  deliver?(stop: AbortSignal): Promise<string | null>;
  /** No run follows. */
  finish?(report: LiveReport): void;
  close?(stop: AbortSignal): Promise<void>;
}

export interface SplitOutputs {
  /** The outputs that are written when the run is over. */
  output: readonly string[];
  receivers: readonly StreamOutput[];
}

interface StreamOptions extends Read<typeof STREAM_FLAGS> {
  receivers: readonly StreamOutput[];
  say: (line: string) => void;
}

/** @throws BenchError (usage) where a receiver has no URL */
export function splitOutputs(texts: readonly string[]): SplitOutputs {
  const output: string[] = [];
  const receivers: StreamOutput[] = [];
  for (const text of texts) {
    const receiver = readStreamOutput(text);
    if (receiver === null) output.push(text);
    else {
      keepArgumentSecrets([`--output=${text}`]);
      receivers.push(receiver);
    }
  }
  return { output, receivers };
}

/** @throws BenchError (usage) where nothing can be served at an address */
export async function openStreams(options: StreamOptions): Promise<Streams> {
  const { metricsListen, live, receivers, say } = options;
  const streams: Stream[] = [];
  const close: Streams["close"] = async (stop) => {
    await Promise.all(streams.map((stream) => stream.close?.(stop)));
  };
  try {
    if (metricsListen !== null || receivers.length > 0) {
      const { RunMetrics } = await import("../../stream/run-metrics.ts");
      const metrics = new RunMetrics();
      // Before those that send what it has.
      streams.push({ observer: metrics });
      if (metricsListen !== null) streams.push(await openPage(metricsListen, metrics, say));
      if (receivers.length > 0) streams.push(...(await openSenders(receivers, metrics, say)));
    }
    if (live !== null && live !== TERMINAL_VIEW && live !== LINE_VIEW) {
      streams.push(await openLivePage(live, say));
    }
  } catch (error) {
    await close(AbortSignal.abort());
    throw error;
  }
  return {
    observers: streams.flatMap(({ observer }) => observer ?? []),
    async end(report, stop) {
      const notes = await Promise.all(streams.map((stream) => stream.deliver?.(stop) ?? null));
      notesOf(report).push(...notes.filter((note) => note !== null));
      for (const stream of streams) stream.finish?.(report);
      await close(stop);
    },
    close,
  };
}

function notesOf(report: LiveReport): string[] {
  switch (report.kind) {
    case "results":
      return report.results.at(-1)?.notes ?? [];
    case "comparison":
      return report.comparison.notes;
    case "failover":
    case "soak":
      return report.report.notes;
  }
}

async function openPage(
  address: string,
  metrics: RunMetrics,
  say: (line: string) => void,
): Promise<Stream> {
  const { MetricsListener } = await import("../../stream/metrics-listener.ts");
  const listener = await MetricsListener.open(address, () => metrics.families());
  say(`metrics are at http://${listener.address}/metrics`);
  return { close: (stop) => listener.close(stop) };
}

async function openSenders(
  receivers: readonly StreamOutput[],
  metrics: RunMetrics,
  say: (line: string) => void,
): Promise<Stream[]> {
  const { FrameSender } = await import("../../stream/frame-sender.ts");
  const { RECEIVERS } = await import("../../stream/receivers.ts");
  const [name = "", version = ""] = toolName().split(" ");
  return receivers.map(({ name: kind, url: given }) => {
    const { usualPath, open } = RECEIVERS[kind];
    const url = new URL(given);
    if (url.pathname === "/") url.pathname = usualPath;
    const receiver = open({ url, tool: { name, version }, say });
    const sender = new FrameSender({ metrics, receiver, say });
    return {
      observer: sender,
      deliver: (stop) => sender.close(stop),
      close: async (stop) => {
        await sender.close(stop);
      },
    };
  });
}

async function openLivePage(address: string, say: (line: string) => void): Promise<Stream> {
  const { LiveRunsKeeper } = await import("../../stream/live-runs.ts");
  const { LivePageServer } = await import("../../stream/live-page-server.ts");
  const keeper = new LiveRunsKeeper(() => server.changed());
  const server = await LivePageServer.open(address, () => keeper.runs);
  say(`the live page is at http://${server.address}/`);
  return {
    observer: keeper,
    finish: (report) => keeper.finish(report),
    close: (stop) => server.close(stop),
  };
}
