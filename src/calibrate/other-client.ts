/**
 * Runs a client that is not bench's own: a program that sends one request over and over. Gives its CPU
 * time and the figures of its report.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { BenchError, EXIT } from "../errors.ts";
import { endWithProcess } from "../etcd/local-cluster/exit-cleanup.ts";
import { endedChildrenCpuSeconds } from "../machine/cpu-times.ts";
import { runProgram } from "../machine/run-program.ts";
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
  const processEnd = new AbortController();
  const forget = endWithProcess(() => {
    processEnd.abort();
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    const cpuBefore = childrenCpu();
    const args = client.argumentsFor(request, folder);
    const signals = stop === undefined ? [processEnd.signal] : [processEnd.signal, stop];
    const signal = AbortSignal.any(signals);
    const { code, stdout, stderr, problem } = await runProgram(client.command, args, { signal });
    const cpuAfter = childrenCpu();
    if (code !== 0) {
      if (stop?.aborted) return { succeeded: 0, seconds: 0, cpuMicros: null };
      const words = (stderr || stdout).trim().slice(-300);
      throw new BenchError(`${client.name} failed (${problem ?? code}): ${words}`, EXIT.failed);
    }
    const cpuMicros =
      cpuBefore === null || cpuAfter === null ? null : Math.round((cpuAfter - cpuBefore) * 1e6);
    return { ...client.readReport(stdout, request), cpuMicros };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    forget();
  }
}
