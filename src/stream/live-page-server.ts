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
import { LiveReaders } from "./live-readers.ts";

const MAX_CONNECTIONS = 50;
/** Names of this machine, for which alone the page is. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

export class LivePageServer {
  /** `host:port`, with the port that was chosen where 0 was asked for. */
  readonly address: string;
  readonly #servers: readonly Server[];
  readonly #readers: LiveReaders;
  readonly #runs: () => LiveRuns;

  private constructor(
    address: string,
    servers: readonly Server[],
    readers: LiveReaders,
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
    const readers = new LiveReaders();
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
    if (this.#readers.count > 0) this.#readers.send(messageOf(this.#runs()));
  }

  /** Sends the last change, waits until it has left, for 5 s at most or until `stop`, and closes. */
  async close(stop?: AbortSignal): Promise<void> {
    await this.#readers.end(() => messageOf(this.#runs()), stop);
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

function makeServer(readers: LiveReaders, runs: () => LiveRuns): Server {
  const server = createServer((request, response) => respond(request, response, readers, runs));
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function respond(
  { method = "", url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  readers: LiveReaders,
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
  } else if (path === "/") {
    const type = "text/html; charset=utf-8";
    response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" });
    response.end(renderLivePage(runs()), () => readers.expect());
  } else refuse(404, "the page is at /");
}
