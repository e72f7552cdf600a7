/**
 * Offers a light open-loop load in steps of rising rate, as a benchmark of bench does, with its verdict
 * on the client. The rate stops rising where etcd or the client shows that it is enough.
 */
import type { Access } from "../../access/access.ts";
import { BenchError } from "../../errors.ts";
import type { RunPlan } from "../../plan/schema.ts";
import type { Latency, RunResult, Verdict } from "../../result/schema.ts";
import { run } from "../../run/run.ts";
import { planFromFlags } from "../../workloads/catalogue.ts";

const RATES_PER_SEC = [50, 100, 200] as const;
const LEAST_STEP_MS = 1_000;
/** Above the median of the first step times this, the next rate is not tried. */
const SLOWDOWN = 3;
const CLIENTS = 50;
const CONNECTIONS_PER_ENDPOINT = 1;
const KEYS = 100;
const KEY_DIGITS = 8;

type Figures = Pick<Latency, "meanMs" | "p50Ms" | "p99Ms" | "maxMs" | "atLeast" | "atMost">;

export interface LoadStep {
  ratePerSec: number;
  achievedPerSec: number | null;
  failed: number;
  dropped: number;
  /** From when a request was due. */
  response: Figures | null;
  verdict: Verdict;
  /** gRPC status names and etcd's words. */
  errors: { code: string; message: string; count: number }[];
}

export interface LoadProbe {
  steps: LoadStep[];
  /** Why there were no more steps than these; null: all were made. */
  fault: string | null;
}

export interface LoadOptions {
  target: RunPlan["target"];
  access: Access;
  /** UTF-8; its keys have it, and are deleted afterwards. */
  prefix: string;
  /** Of all steps. */
  durationMs: number;
  signal: AbortSignal;
}

/** Half puts, half linearizable reads. Never rejects over etcd. */
export async function probeLoad(options: LoadOptions): Promise<LoadProbe> {
  const { target, access, durationMs, signal } = options;
  const stepMs = Math.max(LEAST_STEP_MS, Math.floor(durationMs / RATES_PER_SEC.length));
  const steps: LoadStep[] = [];
  for (const ratePerSec of RATES_PER_SEC) {
    if (signal.aborted) return { steps, fault: "interrupted" };
    try {
      const plan = { ...planOf(options, ratePerSec, stepMs), target };
      const result = await run(plan, { stop: signal, target: { dataFileSystem: null, access } });
      steps.push(stepOf(result, ratePerSec));
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      return { steps, fault: error.message };
    }
    const stop = reasonToStop(steps);
    if (stop !== null) return { steps, fault: stop };
  }
  return { steps, fault: null };
}

function planOf({ prefix, target }: LoadOptions, ratePerSec: number, stepMs: number): RunPlan {
  const flags = {
    mix: "put=50,range=50",
    rate: String(ratePerSec),
    duration: `${stepMs}ms`,
    clients: String(CLIENTS),
    conns: String(CONNECTIONS_PER_ENDPOINT * target.endpoints.length),
    "key-size": String(Buffer.byteLength(prefix) + KEY_DIGITS),
    "key-space-size": String(KEYS),
    "val-size": "256",
    prefix,
    cleanup: true,
    "max-error-rate": "100%",
  };
  return planFromFlags({ command: "mixed", flags }, {}).plan;
}

function stepOf({ operations, verdict }: RunResult, ratePerSec: number): LoadStep {
  const [whole] = operations;
  const { requests, throughputPerSec, responseTime, errors } = whole!;
  return {
    ratePerSec,
    achievedPerSec: throughputPerSec,
    failed: requests.failed,
    dropped: requests.dropped,
    response: responseTime && figuresOf(responseTime),
    verdict,
    errors,
  };
}

function figuresOf({ meanMs, p50Ms, p99Ms, maxMs, atLeast, atMost }: Latency): Figures {
  return { meanMs, p50Ms, p99Ms, maxMs, atLeast, atMost };
}

function reasonToStop(steps: readonly LoadStep[]): string | null {
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const at = `at ${last.ratePerSec} requests per second`;
  if (last.failed + last.dropped > 0) return `requests failed ${at}`;
  if (last.verdict.kind !== "valid") return `${last.verdict.kind} ${at}`;
  const [before, now] = [first.response?.p50Ms ?? null, last.response?.p50Ms ?? null];
  if (before === null || now === null) return null;
  return now > SLOWDOWN * before ? `latency rose ${at}` : null;
}
