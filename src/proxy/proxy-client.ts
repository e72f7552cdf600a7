/** Sets and clears the faults of a proxy in another process, through its HTTP API. */
import { request } from "node:http";
import { connectWords } from "../net/connect-words.ts";
import { formatGoDuration, nsOfMs } from "./go-duration.ts";
import type { FaultDirection, FaultKind, NetworkFault } from "./network-fault.ts";

const TIMEOUT_MS = 10_000;
/** Each answer is a line or a few. */
const MAX_ANSWER_CHARS = 65_536;
/** How the API begins an answer to what it did not do. Its status is 200 for each answer, as etcd-proxy's. */
const REFUSED = /^(wrong|unsupported|proxying) /;

export class ProxyClient {
  readonly #port: number;
  readonly #host: string;

  /** @param port of the proxy's HTTP API */
  constructor(port: number, host = "127.0.0.1") {
    this.#port = port;
    this.#host = host;
  }

  /** Replaces the fault of the same kind. @throws Error with the API's words where it refuses */
  async set(direction: FaultDirection, fault: NetworkFault): Promise<void> {
    await this.#ask("PUT", `/${fault.kind}-${direction}`, formOf(fault));
  }

  /** Without `kind`: every fault of the direction. */
  async clear(direction: FaultDirection, kind?: FaultKind): Promise<void> {
    await this.#ask("DELETE", `/${kind ?? "faults"}-${direction}`, null);
  }

  async #ask(method: string, path: string, form: URLSearchParams | null): Promise<void> {
    const answer = await this.#send(method, path, form?.toString() ?? "");
    if (REFUSED.test(answer)) {
      throw new Error(`the fault proxy at port ${this.#port} refused ${path}: ${answer.trim()}`);
    }
  }

  #send(method: string, path: string, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string, cause?: unknown) =>
        reject(new Error(`the fault proxy at port ${this.#port} ${why}`, { cause }));
      const headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": Buffer.byteLength(body),
      };
      const asked = request(
        // A connection of its own, so that none is left open.
        { host: this.#host, port: this.#port, method, path, headers, agent: false },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => {
            text += part;
            if (text.length > MAX_ANSWER_CHARS) asked.destroy(new Error("its answer has no end"));
          });
          response.on("error", (error) => fail(`did not answer: ${error.message}`, error));
          response.on("end", () => {
            if (response.statusCode === 200) resolve(text);
            else fail(`answered with status ${response.statusCode}: it is no fault proxy`);
          });
        },
      );
      asked.setTimeout(TIMEOUT_MS, () => asked.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
      asked.on("error", (error) => fail(`did not answer: ${connectWords(error)}`, error));
      asked.end(body);
    });
  }
}

/** The form that the API reads as this fault. */
function formOf(fault: NetworkFault): URLSearchParams {
  const form = new URLSearchParams();
  const duration = (ms: number) => formatGoDuration(nsOfMs(ms));
  switch (fault.kind) {
    case "delay":
      form.set("latency", duration(fault.latencyMs));
      form.set("random-variable", duration(fault.jitterMs));
      break;
    case "bandwidth":
      form.set("bytes-per-second", String(fault.bytesPerSecond));
      break;
    case "slow-close":
      form.set("delay", duration(fault.delayMs));
      break;
    case "slice":
      form.set("bytes", String(fault.bytes));
      form.set("delay", duration(fault.delayMs));
      break;
  }
  if (fault.probability !== undefined) form.set("probability", String(fault.probability));
  if (fault.kind !== "loss") {
    for (const text of fault.opening ?? []) form.append("opening", text);
  }
  return form;
}
