/**
 * Serves the metrics of a run over HTTP while it goes on, for Prometheus or any other scraper. At the
 * end it waits for one more scrape, so that the last figures and the verdict are seen.
 */
import { createServer, type ServerResponse } from "node:http";
import type { Server } from "node:net";
import { splitEndpoint } from "../net/host-port.ts";
import { listenAt } from "../net/listen.ts";
import { listenFailure } from "./listen-failure.ts";
import type { MetricFamily } from "./metric-family.ts";
import { OPENMETRICS_TYPE, openmetricsPage } from "./openmetrics-page.ts";

/** A client that sends slower is not waited for. */
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 50;
/** The longest wait for a last scrape. */
const LAST_SCRAPE_MS = 5_000;
/** Of the longest gap between two scrapes, for which another one is waited for, and at least so long. */
const GAPS = 2;
const LEAST_WAIT_MS = 1_000;
/** Without two scrapes, none is expected. */
const LEAST_SCRAPES = 2;

export class MetricsListener {
  /** `host:port`, with the port that was chosen where 0 was asked for. */
  readonly address: string;
  readonly #servers: readonly Server[];
  readonly #scrapes: Scrapes;

  private constructor(address: string, servers: readonly Server[], scrapes: Scrapes) {
    this.address = address;
    this.#servers = servers;
    this.#scrapes = scrapes;
  }

  /**
   * @param address `host:port`
   * @throws BenchError (usage) that names --metrics-listen, where it cannot listen there
   */
  static async open(address: string, families: () => MetricFamily[]): Promise<MetricsListener> {
    const { host, port } = splitEndpoint(address);
    const scrapes = new Scrapes();
    try {
      const listening = await listenAt(host, port, () => makeServer(families, scrapes));
      // The run alone keeps the process alive.
      for (const server of listening.servers) server.unref();
      const shown = address.slice(0, address.lastIndexOf(":"));
      return new MetricsListener(`${shown}:${listening.port}`, listening.servers, scrapes);
    } catch (error) {
      throw listenFailure("metrics-listen", address, error as NodeJS.ErrnoException);
    }
  }

  /**
   * Waits for a scrape of the last figures, if there were scrapes before, for 5 s at most and until
   * `stop` is aborted. Then closes.
   */
  async close(stop?: AbortSignal): Promise<void> {
    await this.#scrapes.next(stop);
    for (const server of this.#servers) {
      server.close();
      if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
    }
  }
}

/** When the page was read. */
class Scrapes {
  #count = 0;
  #lastMs = 0;
  #longestGapMs = 0;
  #onNext: () => void = () => {};
  /** The last figures are there, and the next scrape of them ends the wait. */
  #isEnding = false;

  /** A page is made. Gives what to call when the whole of it was sent. */
  begin(): () => void {
    const isOfTheEnd = this.#isEnding;
    return () => this.#sent(isOfTheEnd);
  }

  #sent(isOfTheEnd: boolean): void {
    const nowMs = performance.now();
    if (this.#count > 0) this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastMs);
    this.#count += 1;
    this.#lastMs = nowMs;
    if (isOfTheEnd) this.#onNext();
  }

  next(stop?: AbortSignal): Promise<void> {
    if (this.#count < LEAST_SCRAPES || stop?.aborted) return Promise.resolve();
    const waitMs = Math.min(LAST_SCRAPE_MS, Math.max(LEAST_WAIT_MS, GAPS * this.#longestGapMs));
    this.#isEnding = true;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        stop?.removeEventListener("abort", end);
        this.#onNext = () => {};
        resolve();
      };
      const timer = setTimeout(end, waitMs);
      stop?.addEventListener("abort", end, { once: true });
      this.#onNext = end;
    });
  }
}

function makeServer(families: () => MetricFamily[], scrapes: Scrapes): Server {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      // How often the two are looked at.
      connectionsCheckingInterval: 1_000,
    },
    ({ method = "", url = "/" }, response) => respond(method, url, response, families, scrapes),
  );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function respond(
  method: string,
  url: string,
  response: ServerResponse,
  families: () => MetricFamily[],
  scrapes: Scrapes,
): void {
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
    return;
  }
  if (url.split("?")[0] !== "/metrics") {
    response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" });
    response.end("the metrics of bench are at /metrics\n");
    return;
  }
  response.writeHead(200, { "Content-Type": OPENMETRICS_TYPE });
  if (method === "HEAD") response.end();
  else {
    const onSent = scrapes.begin();
    response.end(openmetricsPage(families()), onSent);
  }
}
