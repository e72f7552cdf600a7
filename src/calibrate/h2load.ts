/** Owns h2load, nghttp2's load generator in C, as the yardstick: the same request on the same server. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { endWithProcess } from "../target/local-cluster/exit-cleanup.ts";
import { endedChildrenCpuMicros } from "./children-cpu.ts";

export interface H2loadRequest {
  endpoint: string;
  /** `/etcdserverpb.KV/Put`. */
  path: string;
  /** The protobuf message. */
  message: Uint8Array;
  connections: number;
  /** In flight on each connection. */
  streams: number;
  requests: number;
  stop?: AbortSignal;
}

export interface H2loadOutcome {
  succeeded: number;
  seconds: number;
  /** Null where the system does not tell. */
  cpuMicros: number | null;
}

/** Whether `h2load` is on PATH and starts. */
export async function hasH2load(): Promise<boolean> {
  try {
    return (await outputOf(start(["--version"]))).code === 0;
  } catch (error) {
    if (/ENOENT|EACCES/.test((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** @throws Error where h2load fails, or says what is not understood. */
export async function runH2load(request: H2loadRequest): Promise<H2loadOutcome> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bench-h2load-"));
  let child: ChildProcess | null = null;
  const forget = endWithProcess(() => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const onStop = () => child?.kill("SIGTERM");
  try {
    const body = path.join(folder, "body");
    writeFileSync(body, withGrpcPrefix(request.message));
    const cpuBefore = await endedChildrenCpuMicros();
    const started = start(argumentsFor(request, body));
    child = started;
    request.stop?.addEventListener("abort", onStop, { once: true });
    const { code, stdout, stderr } = await outputOf(started);
    const cpuAfter = await endedChildrenCpuMicros();
    if (code !== 0) {
      if (request.stop?.aborted) return { succeeded: 0, seconds: 0, cpuMicros: null };
      throw new Error(`h2load failed (${code}): ${(stderr || stdout).trim().slice(-300)}`);
    }
    const cpuMicros = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
    return { ...readReport(stdout), cpuMicros };
  } finally {
    request.stop?.removeEventListener("abort", onStop);
    rmSync(folder, { recursive: true, force: true });
    forget();
  }
}

function start(args: string[]): ChildProcess {
  return spawn("h2load", args, { stdio: ["ignore", "pipe", "pipe"] });
}

function argumentsFor(request: H2loadRequest, bodyFile: string): string[] {
  const { endpoint, path: method, connections, streams, requests } = request;
  return [
    `--clients=${connections}`,
    `--max-concurrent-streams=${streams}`,
    `--requests=${requests}`,
    "--header=content-type: application/grpc",
    "--header=te: trailers",
    `--data=${bodyFile}`,
    `http://${endpoint}${method}`,
  ];
}

/** gRPC's length-prefixed message, not compressed. */
function withGrpcPrefix(message: Uint8Array): Buffer {
  const body = Buffer.alloc(5 + message.length);
  body.writeUInt32BE(message.length, 1);
  body.set(message, 5);
  return body;
}

/** `finished in 1.06s, 284163.83 req/s, ...` and `requests: ... 300000 succeeded, ...`. */
export function readReport(text: string): { succeeded: number; seconds: number } {
  const finished = /^finished in ([\d.]+)(us|ms|s|m|h),/m.exec(text);
  const succeeded = /^requests:.* (\d+) succeeded,/m.exec(text);
  if (finished === null || succeeded === null) {
    throw new Error(`h2load's report is not understood: ${text.trim().slice(-300)}`);
  }
  const perSecond = { us: 1e6, ms: 1e3, s: 1, m: 1 / 60, h: 1 / 3600 }[finished[2]!]!;
  return { succeeded: Number(succeeded[1]), seconds: Number(finished[1]) / perSecond };
}

function outputOf(
  child: ChildProcess,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
