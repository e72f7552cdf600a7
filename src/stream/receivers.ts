/** The receivers of streamed metrics: Prometheus' remote write, and OTLP over HTTP. */
import { hostname } from "node:os";
import querystring from "node:querystring";
import type { Receiver } from "./frame-sender.ts";
import { OTLP_HEADERS, otlpBody } from "./otlp.ts";
import { REMOTE_WRITE_HEADERS, remoteWriteBody } from "./remote-write.ts";

/** Of what a receiver answers, as far as it is printed. */
const MOST_CHARACTERS = 200;

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

/** @param url with the path; a user in it gets in by Basic authentication */
function poster(url: URL, tool: ReceiverOptions["tool"], headers: Record<string, string>) {
  const { username, password } = url;
  const target = new URL(url);
  // fetch refuses a URL with a user in it.
  target.username = "";
  target.password = "";
  const user = `${querystring.unescape(username)}:${querystring.unescape(password)}`;
  // Headers in place of an object: it loads Node's fetch here and now, which takes a second on a busy
  // machine, and not at the first frame, where the pause would be in the run.
  const all = new Headers({
    ...headers,
    "User-Agent": `${tool.name}/${tool.version}`,
    ...(username !== "" && { Authorization: `Basic ${Buffer.from(user).toString("base64")}` }),
  });
  return {
    // A query may hold a token.
    address: `${target.origin}${target.pathname}`,
    async send(body: Buffer, signal: AbortSignal): Promise<void> {
      const response = await fetch(target, {
        ...{ method: "POST", headers: all, body, signal, redirect: "manual" },
      }).catch((error: Error) => {
        // The error of fetch itself says no more than that it failed.
        throw error.cause instanceof Error ? error.cause : error;
      });
      const words = await wordsOf(response);
      if (response.ok) return;
      throw new Error(`HTTP status ${response.status}${words === "" ? "" : `: ${words}`}`);
    },
  };
}

/** The beginning of the answer, on one line: a receiver may send without an end. */
async function wordsOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= MOST_CHARACTERS) break;
  }
  return text.trim().replaceAll(/\s+/g, " ").slice(0, MOST_CHARACTERS);
}
