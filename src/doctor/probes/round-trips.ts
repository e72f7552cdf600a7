/**
 * Measures the way from the client to each member: how long TCP takes to connect, and a Status request
 * over one connection, which neither writes nor asks other members.
 */
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { splitEndpoint } from "../../net/host-port.ts";
import { CallError, type MemberCalls, type Method } from "./member-calls.ts";
import { LatencyProbe, type ProbeLatency } from "./probe-latency.ts";
import { boundMs } from "./window-bound.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;
const EVERY_MS = 200;
/** A new connection costs etcd more than a request: not with each of them. */
const TURNS_PER_CONNECT = 5;
const STATUS: Method = ["etcdserverpb.Maintenance", "Status"];

export interface RoundTrips {
  member: string;
  endpoint: string;
  tcpConnect: ProbeLatency;
  /** Null: no connection could be had, for the reason in `fault`. */
  status: ProbeLatency | null;
  fault: string | null;
}

export interface RoundTripOptions {
  member: string;
  endpoint: string;
  /** Null: the member cannot be reached. */
  calls: MemberCalls | null;
  fault: string | null;
  slot: number;
  untilMs: number;
  signal: AbortSignal;
}

/** Sends a request every 200 ms until `untilMs` of performance.now(). Never rejects over etcd. */
export async function probeRoundTrips(options: RoundTripOptions): Promise<RoundTrips> {
  const { member, endpoint, calls, fault, slot, untilMs, signal } = options;
  const tcpConnect = new LatencyProbe();
  const status = new LatencyProbe();
  // The first finds code that is not compiled yet.
  for (let turn = 0; turn < 2 || (performance.now() < untilMs && !signal.aborted); turn++) {
    const isCounted = turn > 0;
    if (turn === 0 || turn % TURNS_PER_CONNECT === 1)
      await tryConnect(endpoint, isCounted ? tcpConnect : null);
    if (calls !== null) await askStatus(calls, { slot, untilMs }, isCounted ? status : null);
    await pause(EVERY_MS, signal);
  }
  return {
    ...{ member, endpoint, fault },
    tcpConnect: tcpConnect.result(),
    status: calls === null ? null : status.result(),
  };
}

async function askStatus(
  calls: MemberCalls,
  { slot, untilMs }: Pick<RoundTripOptions, "slot" | "untilMs">,
  probe: LatencyProbe | null,
) {
  try {
    const { ms } = await calls.call(slot, STATUS, {}, boundMs(REQUEST_TIMEOUT_MS, untilMs));
    probe?.add(ms);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    probe?.addFailure(error.waitedMs, error.message);
  }
}

/** Waits, or returns at once when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(Math.max(0, ms), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function tryConnect(endpoint: string, probe: LatencyProbe | null): Promise<void> {
  const startMs = performance.now();
  const fault = await connectOnce(endpoint);
  const ms = performance.now() - startMs;
  if (fault === null) probe?.add(ms);
  else probe?.addFailure(ms, fault);
}

/** The code of the error, or null where it connected. */
function connectOnce(endpoint: string): Promise<string | null> {
  const { host, port } = splitEndpoint(endpoint);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (fault: string | null) => {
      socket.destroy();
      resolve(fault);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => settle(`no answer in ${CONNECT_TIMEOUT_MS} ms`));
    socket.once("connect", () => settle(null));
    socket.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
}
