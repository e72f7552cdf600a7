/**
 * Runs a client that is not bench's own: a program that sends one request over and over. Gives its CPU
 * time and the figures of its report.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { BenchError, EXIT } from "../errors.ts";
import { endWithProcess } from "../etcd/local-cluster/exit-cleanup.ts";
import { endedChildrenCpuSeconds } from "../machine/cpu-times.ts";
import { systemFiles } from "../machine/system-files.ts";
import type { ClientName } from "./report.ts";

export interface OtherRequest {
  operation: "put" | "range";
  endpoint: string;
  connections: number;
  clients: number;
  requests: number;
}

export interface OtherOutcome {
  succeeded: number;
  seconds: number;
  /** Of the whole program; null where the system does not tell. */
  cpuMicros: number | null;
}

export interface OtherClient {
  name: ClientName;
  command: string;
  /** The part of the wire transport's requests that takes it about as long. */
  share: number;
  /** Of fewer its CPU would be a few of the steps of 10 ms that it is counted in. */
  leastRequests: number;
  /** @param folder is its own, and gone afterwards */
  argumentsFor(request: OtherRequest, folder: string): string[];
  /** From its standard output. @throws BenchError where that is not understood */
  readReport(text: string, request: OtherRequest): { succeeded: number; seconds: number };
}

const childrenCpu = () => endedChildrenCpuSeconds(systemFiles, process.pid);

/**
 * Where `stop` is aborted the program is ended, and what it did is nothing.
 * @throws BenchError where it fails, or says what is not understood.
 */
export async function runOther(
  client: OtherClient,
  request: OtherRequest,
  stop?: AbortSignal,
): Promise<OtherOutcome> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bench-calibrate-"));
  let child: ChildProcess | null = null;
  const forget = endWithProcess(() => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const onStop = () => child?.kill("SIGTERM");
  try {
    const cpuBefore = childrenCpu();
    const args = client.argumentsFor(request, folder);
    const started = spawn(client.command, args, { stdio: ["ignore", "pipe", "pipe"] });
    child = started;
    stop?.addEventListener("abort", onStop, { once: true });
    const { code, stdout, stderr } = await outputOf(started);
    const cpuAfter = childrenCpu();
    if (code !== 0) {
      if (stop?.aborted) return { succeeded: 0, seconds: 0, cpuMicros: null };
      const words = (stderr || stdout).trim().slice(-300);
      throw new BenchError(`${client.name} failed (${code}): ${words}`, EXIT.failed);
    }
    const cpuMicros =
      cpuBefore === null || cpuAfter === null ? null : Math.round((cpuAfter - cpuBefore) * 1e6);
    return { ...client.readReport(stdout, request), cpuMicros };
  } finally {
    stop?.removeEventListener("abort", onStop);
    rmSync(folder, { recursive: true, force: true });
    forget();
  }
}

/** Of a program to its end, which `stop` may bring about. @throws as spawn does where it does not start */
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
