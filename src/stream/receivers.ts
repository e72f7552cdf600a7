/** The receivers of streamed metrics: Prometheus' remote write, and OTLP over HTTP. */
import { hostname } from "node:os";
import type { Receiver } from "./frame-sender.ts";
import { OTLP_HEADERS, otlpBody } from "./otlp.ts";
import { Poster } from "./poster.ts";
import { REMOTE_WRITE_HEADERS, remoteWriteBody } from "./remote-write.ts";

export interface ReceiverOptions {
  url: URL;
  /** `etcd-bench`, and its version. */
  tool: { name: string; version: string };
  say: (line: string) => void;
}

/** Where a URL has no path, the usual one is taken. */
export const RECEIVERS = {
  "prometheus-rw": {
    usualPath: "/api/v1/write",
    open({ url, tool, say }: ReceiverOptions): Receiver {
      const post = poster(url, tool, REMOTE_WRITE_HEADERS);
      const labels = { job: "bench", instance: hostname() };
      let isNative = true;
      return {
        ...{ name: "prometheus-rw", address: post.address },
        async deliver({ families, unixMs }, signal) {
          const body = () => remoteWriteBody(families, { unixMs, isNative, labels });
          try {
            await post.send(body(), signal);
          } catch (error) {
            if (!isNative || !/native histogram/i.test((error as Error).message)) throw error;
            isNative = false;
            say("prometheus-rw: the receiver takes no native histograms; classic ones are sent");
            await post.send(body(), signal);
          }
        },
      };
    },
  },
  otlp: {
    usualPath: "/v1/metrics",
    open({ url, tool }: ReceiverOptions): Receiver {
      const post = poster(url, tool, OTLP_HEADERS);
      return {
        ...{ name: "otlp", address: post.address },
        deliver({ families, ...times }, signal) {
          return post.send(otlpBody(families, { ...times, tool }), signal);
        },
      };
    },
  },
} as const;

function poster(url: URL, tool: ReceiverOptions["tool"], headers: Record<string, string>): Poster {
  return new Poster(url, { ...headers, "User-Agent": `${tool.name}/${tool.version}` });
}
