/**
 * Describes h2load, nghttp2's load generator in C, as the yardstick: the same request to the same
 * server.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { BenchError, EXIT } from "../errors.ts";
import { lookForProgram } from "../executable.ts";
import { PUT_PATH, RANGE_PATH, VAL_SIZE_BYTES } from "../fake-etcd/kv/service.ts";
import { runProgram } from "../machine/run-program.ts";
import { encodeMessage } from "../protos.ts";
import type { OtherClient, OtherRequest } from "./other-client.ts";
import { RANGE_KEY } from "./workloads.ts";

export const H2LOAD: OtherClient = {
  name: "h2load",
  command: "h2load",
  share: 1 / 2,
  leastRequests: 30_000,
  argumentsFor,
  readReport,
};

/** Whether `h2load` is on PATH and starts. */
export async function hasH2load(): Promise<boolean> {
  return (await runProgram(H2LOAD.command, ["--version"], { timeoutMs: 10_000 })).code === 0;
}

/** Why it is not compared with, where it does not start. */
export function lackOfH2load(env: NodeJS.ProcessEnv): string {
  const look = lookForProgram(H2LOAD.command, "/", env);
  if (typeof look === "object") {
    return `${look.path} ${look.why}, so h2load is not in the table; ${look.fix}.`;
  }
  const lack = look === "runs" ? "does not start" : "is not on PATH";
  return `h2load ${lack}, so it is not in the table; nghttp2 brings it.`;
}

function argumentsFor(request: OtherRequest, folder: string): string[] {
  const { operation, endpoint, clients, requests } = request;
  const connections = Math.min(request.connections, clients);
  const body = path.join(folder, "body");
  writeFileSync(body, withGrpcPrefix(messageOf(operation)));
  return [
    `--clients=${connections}`,
    `--max-concurrent-streams=${Math.ceil(clients / connections)}`,
    `--requests=${requests}`,
    "--header=content-type: application/grpc",
    "--header=te: trailers",
    `--data=${body}`,
    `http://${endpoint}${operation === "put" ? PUT_PATH : RANGE_PATH}`,
  ];
}

function messageOf(operation: OtherRequest["operation"]): Uint8Array {
  const key = Buffer.from(RANGE_KEY, "utf8");
  return operation === "put"
    ? encodeMessage("etcdserverpb.PutRequest", { key, value: Buffer.alloc(VAL_SIZE_BYTES, 2) })
    : encodeMessage("etcdserverpb.RangeRequest", { key, serializable: true });
}

/** gRPC's length-prefixed message, not compressed. */
function withGrpcPrefix(message: Uint8Array): Buffer {
  const body = Buffer.alloc(5 + message.length);
  body.writeUInt32BE(message.length, 1);
  body.set(message, 5);
  return body;
}

/** `finished in 1.06s, 284163.83 req/s, ...` and `requests: ... 300000 succeeded, ...`. */
function readReport(text: string): { succeeded: number; seconds: number } {
  const finished = /^finished in ([\d.]+)(us|ms|s|m|h),/m.exec(text);
  const succeeded = /^requests:.* (\d+) succeeded,/m.exec(text);
  if (finished === null || succeeded === null) {
    const words = text.trim().slice(-300);
    throw new BenchError(`h2load's report is not understood: ${words}`, EXIT.failed);
  }
  const perSecond = { us: 1e6, ms: 1e3, s: 1, m: 1 / 60, h: 1 / 3600 }[finished[2]!]!;
  return { succeeded: Number(succeeded[1]), seconds: Number(finished[1]) / perSecond };
}
