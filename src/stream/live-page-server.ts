/**
 * Serves the page of a run to browsers on this machine while the run goes on, and sends them what has
 * changed once a second (server-sent events, HTML Living Standard section 9.2). Without a browser nothing
 * is rendered. A browser that does not keep up gets the next change and not this one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Server } from "node:net";
import { splitEndpoint } from "../net/host-port.ts";
import { listenAt } from "../net/listen.ts";
import {
  type LiveRuns,
  liveUpdate,
  renderLivePage,
  UPDATES_PATH,
} from "../report/html/live-page.ts";
import { listenFailure } from "./listen-failure.ts";

const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 50;
/** Of a browser that reads slower than the page changes. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;
/** How long browsers have for the last change. */
const LAST_CHANGE_MS = 2_000;
/** Names of this machine, for which alone the page is. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

export class LivePageServer {
  /** `host:port`, with the port that was chosen where 0 was asked for. */
  readonly address: string;
  readonly #servers: readonly Server[];
  readonly #readers: Set<ServerResponse>;
  readonly #runs: () => LiveRuns;

  private constructor(
    address: string,
    servers: readonly Server[],
    readers: Set<ServerResponse>,
    runs: () => LiveRuns,
  ) {
    this.address = address;
    this.#servers = servers;
    this.#readers = readers;
    this.#runs = runs;
  }

  /**
   * @param address `host:port` of loopback
   * @throws BenchError (usage) that names --live, where it cannot listen there
   */
  static async open(address: string, runs: () => LiveRuns): Promise<LivePageServer> {
    const { host, port } = splitEndpoint(address);
    const readers = new Set<ServerResponse>();
    try {
      const listening = await listenAt(host, port, () => makeServer(readers, runs));
      // The run alone keeps the process alive.
      for (const server of listening.servers) server.unref();
      const shown = address.slice(0, address.lastIndexOf(":"));
      return new LivePageServer(`${shown}:${listening.port}`, listening.servers, readers, runs);
    } catch (error) {
      throw listenFailure("live", address, error as NodeJS.ErrnoException);
    }
  }

  /** The runs have changed: sends the page to those who look at it. */
  changed(): void {
    if (this.#readers.size === 0) return;
    const message = messageOf(this.#runs());
    for (const reader of this.#readers) {
      if (reader.writableLength < MOST_UNREAD_BYTES) reader.write(message);
    }
  }

  /** Sends the last change, waits until it has left, for 2 s at most, and closes. */
  async close(): Promise<void> {
    const readers = [...this.#readers];
    if (readers.length > 0) {
      const message = messageOf(this.#runs());
      const left = readers.map(
        (reader) =>
          new Promise<void>((resolve) => {
            reader.once("close", resolve);
            reader.end(message, resolve);
          }),
      );
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST_CHANGE_MS);
      });
      await Promise.race([Promise.all(left), patience]);
      clearTimeout(timer);
    }
    for (const server of this.#servers) {
      server.close();
      if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
    }
  }
}

function messageOf(runs: LiveRuns): string {
  // JSON has no line break, which would end the message's data.
  return `data: ${JSON.stringify(liveUpdate(runs))}\n\n`;
}

function makeServer(readers: Set<ServerResponse>, runs: () => LiveRuns): Server {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => respond(request, response, readers, runs),
  );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function respond(
  { method = "", url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  readers: Set<ServerResponse>,
  runs: () => LiveRuns,
): void {
  const refuse = (code: number, reason: string) => {
    response.writeHead(code, { "Content-Type": "text/plain; charset=utf-8" }).end(`${reason}\n`);
  };
  const [path] = url.split("?");
  // A name of another site that leads here, by which its scripts could read the page.
  if (!LOOPBACK.test(headers.host ?? "")) refuse(403, "only for this machine");
  else if (method !== "GET") refuse(405, "only GET");
  else if (path === `/${UPDATES_PATH}`) {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    // What has changed since the page was sent.
    response.write(messageOf(runs()));
    readers.add(response);
    response.once("close", () => readers.delete(response));
  } else if (path === "/") {
    const type = "text/html; charset=utf-8";
    response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" });
    response.end(renderLivePage(runs()));
  } else refuse(404, "the page is at /");
}
