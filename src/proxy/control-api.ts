/**
 * The HTTP API of fault proxies: that of etcd-proxy word for word, where each answer has status 200 and
 * is a line of text, with more faults in the same form, and metrics.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Server } from "node:net";
import { listenAt } from "../net/listen.ts";
import type { FaultProxy } from "./fault-proxy.ts";
import {
  amountOf,
  durationText,
  type Form,
  faultOf,
  NOUN,
  readLatency,
  verbOf,
  WrongField,
} from "./fault-words.ts";
import { formatGoDuration } from "./go-duration.ts";
import { GoFormError, goQuoted, parseGoForm } from "./go-form.ts";
import { FAULT_KINDS, type FaultDirection, type FaultKind } from "./network-fault.ts";
import { metricsPage, typeOfMetrics } from "./proxy-metrics.ts";

/** Far more than any form needs. */
const MAX_BODY_BYTES = 65_536;
/** A client that sends slower is not waited for. */
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 100;

/** A body is larger than any form; the message is Go's. */
class TooLarge extends Error {
  override name = "TooLarge";
}

interface Asked {
  readonly method: string;
  readonly proxy: FaultProxy;
  readonly direction: FaultDirection;
  /** @throws GoFormError, TooLarge */
  readonly form: () => Promise<Form>;
}

type Endpoint = (asked: Asked) => Promise<string>;

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ...FAULT_KINDS.map((kind) => [kind, (asked: Asked) => answerTo(kind, asked)] as const),
  ["faults", allFaults],
]);

export interface ControlApi {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws the system's error where it cannot listen */
export async function serveControlApi(
  proxy: FaultProxy,
  { host, port }: { host: string; port: number },
  log: (line: string) => void = () => {},
): Promise<ControlApi> {
  const listening = await listenAt(host, port, () => makeServer(proxy, log));
  return {
    port: listening.port,
    async close() {
      await Promise.all(listening.servers.map(closed));
    },
  };
}

function makeServer(proxy: FaultProxy, log: (line: string) => void): Server {
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    // How often the two are looked at.
    connectionsCheckingInterval: 1_000,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("request", (request, response) => {
    respond(proxy, request, response).then(
      (line) => log(`${request.method} ${request.url}: ${line}`),
      // The client is gone, or too slow: there is no client to answer.
      (error: Error) => {
        log(`${request.method} ${request.url}: ${error.message}`);
        response.destroy();
      },
    );
  });
  return server;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
  });
}

async function respond(
  proxy: FaultProxy,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string> {
  const { method = "", url = "/" } = request;
  const path = url.split("?")[0]!;
  if (path === "/metrics" && (method === "GET" || method === "HEAD")) {
    const { accept = "" } = request.headers;
    response.setHeader("Content-Type", typeOfMetrics(accept));
    response.end(metricsPage(proxy, accept));
    return "metrics";
  }
  const line = await answerOf(proxy, method, path, request);
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  // What is left of a body that was too large is not read.
  if (!request.complete) response.setHeader("Connection", "close");
  response.end(`${line}\n`);
  return line;
}

async function answerOf(
  proxy: FaultProxy,
  method: string,
  path: string,
  request: IncomingMessage,
): Promise<string> {
  const match = /^\/(.+)-(tx|rx)$/.exec(path);
  const endpoint = ENDPOINTS.get(match?.[1] ?? "");
  if (endpoint === undefined) return `proxying ${arrow(proxy, "tx")}`;
  // The expression allows these two alone.
  const direction = match![2] as FaultDirection;
  try {
    return await endpoint({ method, proxy, direction, form: () => formOf(request) });
  } catch (error) {
    if (error instanceof WrongField) return error.message;
    if (error instanceof GoFormError || error instanceof TooLarge) {
      return `wrong form ${goQuoted(error.message)}`;
    }
    throw error;
  }
}

async function formOf(request: IncomingMessage): Promise<Form> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  const body = await bodyOf(request);
  return parseGoForm(type === "application/x-www-form-urlencoded" ? body : "");
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let lengthBytes = 0;
  // Leaving the loop must not cut the connection, which has an answer to carry.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    lengthBytes += (part as Buffer).length;
    if (lengthBytes > MAX_BODY_BYTES) throw new TooLarge("http: POST too large");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString();
}

function arrow({ from, to }: FaultProxy, direction: FaultDirection): string {
  return `[tcp://${from} ${direction === "tx" ? "->" : "<-"} tcp://${to}]`;
}

/** PUT and POST set a fault, DELETE clears it, GET says what is in force. */
async function answerTo(kind: FaultKind, asked: Asked): Promise<string> {
  const { method, proxy, direction } = asked;
  const words = WORDS[kind] ?? newWords(kind);
  if (method === "PUT" || method === "POST") return words.set(asked, await asked.form());
  if (method === "DELETE") {
    const before = words.cleared(asked);
    proxy.clear(direction, kind);
    return before;
  }
  if (method === "GET" && words.current !== null) return words.current(asked);
  return unsupported(method);
}

function unsupported(method: string): string {
  return `unsupported method ${goQuoted(method)}`;
}

interface Words {
  /** Sets the fault. @throws WrongField */
  set(asked: Asked, form: Form): string;
  /** Said of the fault before it is cleared. */
  cleared(asked: Asked): string;
  /** Null: GET is not supported. */
  current: ((asked: Asked) => string) | null;
}

/** Those of etcd-proxy. */
const WORDS: Partial<Record<FaultKind, Words>> = {
  delay: {
    set(asked, form) {
      const { proxy, direction } = asked;
      const { latency, given } = readLatency(form);
      const fault = faultOf("delay", form);
      // As etcd-proxy: no latency leaves the one that was set.
      if (latency > 0n) proxy.set(direction, fault);
      const added = `${formatGoDuration(latency)}±${formatGoDuration(given)}`;
      return `added ${verbOf(direction)} latency ${added} (current latency ${currentLatency(asked)})`;
    },
    cleared: (asked) => `removed latency ${currentLatency(asked)}`,
    current: (asked) => `current ${verbOf(asked.direction)} latency ${currentLatency(asked)}`,
  },
  pause: {
    set({ proxy, direction }, form) {
      proxy.set(direction, faultOf("pause", form));
      return `paused forwarding ${arrow(proxy, direction)}`;
    },
    cleared: ({ proxy, direction }) => `unpaused forwarding ${arrow(proxy, direction)}`,
    current: null,
  },
  blackhole: {
    set({ proxy, direction }, form) {
      proxy.set(direction, faultOf("blackhole", form));
      return `blackholed; dropping packets ${arrow(proxy, direction)}`;
    },
    cleared: ({ proxy, direction }) =>
      `unblackholed; restart forwarding ${arrow(proxy, direction)}`,
    current: null,
  },
};

/** That of the chunk that was delayed last, since each has its own. */
function currentLatency({ proxy, direction }: Asked): string {
  const isSet = proxy.fault(direction, "delay") !== null;
  return durationText(isSet ? proxy.counts.traffic[direction].latestDelayMs : 0);
}

function newWords(kind: FaultKind): Words {
  return {
    set({ proxy, direction }, form) {
      const fault = faultOf(kind, form);
      proxy.set(direction, fault);
      return `added ${verbOf(direction)} ${NOUN[kind]} ${amountOf(fault)} ${arrow(proxy, direction)}`;
    },
    cleared: ({ proxy, direction }) =>
      `removed ${verbOf(direction)} ${NOUN[kind]} ${arrow(proxy, direction)}`,
    current({ proxy, direction }) {
      const fault = proxy.fault(direction, kind);
      return `current ${verbOf(direction)} ${NOUN[kind]}: ${fault === null ? "none" : amountOf(fault)}`;
    },
  };
}

/** A line for each fault of a direction; DELETE clears them all. */
async function allFaults({ method, proxy, direction }: Asked): Promise<string> {
  if (method === "DELETE") {
    proxy.clear(direction);
    return `removed all ${verbOf(direction)} faults ${arrow(proxy, direction)}`;
  }
  if (method !== "GET") return unsupported(method);
  const faults = proxy.faults(direction);
  if (faults.length === 0) return `no ${verbOf(direction)} faults ${arrow(proxy, direction)}`;
  return faults
    .map((fault) => `${verbOf(direction)} ${NOUN[fault.kind]}: ${amountOf(fault)}`)
    .join("\n");
}
