/** Reads HTTP(S) pages, bounded in time and size. */
import { Agent as HttpAgent, get as httpGet } from "node:http";
import { Agent as HttpsAgent, get as httpsGet } from "node:https";
import { connectWords } from "../net/connect-words.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import { connectionOptionsOf, secureContextOf } from "../net/tls-connect.ts";

/** Far above any page of etcd: a wrong service must not fill the memory. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

export interface PageOptions {
  /** Of the whole reading. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface DatedPage {
  text: string;
  /** The server's clock in whole seconds, as milliseconds since 1970; null: it sent no date. */
  date: number | null;
}

export class PageReader {
  readonly #tls: TlsMaterial | null;
  readonly #http: HttpAgent;
  /** By host: the name that is expected in a certificate goes with the agent. */
  readonly #https = new Map<string, HttpsAgent>();
  readonly #keepAlive: boolean;

  /** @param tls for `https://` pages; null: what Node trusts */
  constructor(tls: TlsMaterial | null, keepAlive: boolean) {
    this.#tls = tls;
    this.#keepAlive = keepAlive;
    this.#http = new HttpAgent({ keepAlive });
  }

  /** Rejects with a few words on why there is no page. */
  async read(url: string, options: PageOptions): Promise<string> {
    return (await this.readDated(url, options)).text;
  }

  /** The same, with the Date header of the answer. */
  readDated(url: string, { timeoutMs, signal }: PageOptions): Promise<DatedPage> {
    return new Promise((resolve, reject) => {
      const isSecure = url.startsWith("https:");
      const address = addressOf(url);
      const agent = isSecure ? this.#secureAgent(address.host) : this.#http;
      const get = isSecure ? httpsGet : httpGet;
      const request = get({ ...address, agent, signal }, (response) => {
        if (response.statusCode !== 200) {
          request.destroy(new Error(`HTTP status ${response.statusCode}`));
          return;
        }
        let sizeBytes = 0;
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => {
          sizeBytes += chunk.length;
          chunks.push(chunk);
          if (sizeBytes > MAX_PAGE_BYTES) request.destroy(new Error("the page has no end"));
        });
        response.on("error", settle);
        response.on("end", () => {
          clearTimeout(timer);
          const date = Date.parse(response.headers.date ?? "");
          resolve({
            text: Buffer.concat(chunks).toString("latin1"),
            date: Number.isNaN(date) ? null : date,
          });
        });
      });
      // Of the whole reading: a server that trickles must not hold it open.
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)),
        timeoutMs,
      );
      const settle = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      request.on("error", (error) => {
        error.message = connectWords(error);
        settle(error);
      });
      request.on("close", () => settle(new Error("the connection closed")));
    });
  }

  close(): void {
    this.#http.destroy();
    for (const agent of this.#https.values()) agent.destroy();
  }

  #secureAgent(host: string): HttpsAgent {
    let agent = this.#https.get(host);
    if (agent === undefined) {
      const options =
        this.#tls === null
          ? {}
          : { ...connectionOptionsOf(this.#tls, host), secureContext: secureContextOf(this.#tls) };
      agent = new HttpsAgent({ keepAlive: this.#keepAlive, ...options });
      this.#https.set(host, agent);
    }
    return agent;
  }
}

/** Of a URL whose host may be an IPv6 address with a zone, which Node's URL refuses. */
function addressOf(url: string) {
  const zone = /^https?:\/\/\[[^\]%]*(%[^\]]*)\]/.exec(url)?.[1] ?? "";
  const { hostname, host, port, pathname, search } = new URL(url.replace(zone, ""));
  return {
    host: hostname.replace(/^\[|\]$/g, "") + zone,
    port,
    path: pathname + search,
    headers: { host },
  };
}
