/**
 * Describes etcd's own tool, in Go, as a client to compare with: a `benchmark` that the user has built.
 */
import { BenchError, EXIT, usageError } from "../errors.ts";
import { lookForProgram } from "../executable.ts";
import { KEY_SIZE_BYTES, VAL_SIZE_BYTES } from "../fake-etcd/kv/service.ts";
import { runProgram } from "../machine/run-program.ts";
import type { OtherClient, OtherRequest } from "./other-client.ts";
import { RANGE_KEY } from "./workloads.ts";

/** As the puts of bench itself that it is compared with. */
const PUT_KEY_SPACE_SIZE = 1_000_000;

/** A program that is none may do anything but end. */
const HELP_WITHIN_MS = 10_000;

/** @throws BenchError where `command` is no such tool. */
export async function etcdBenchmark(command: string): Promise<OtherClient> {
  await checkIsBenchmark(command);
  const amount = { share: 1 / 8, leastRequests: 3_000 };
  return { name: "etcd-benchmark", command, ...amount, argumentsFor, readReport };
}

async function checkIsBenchmark(command: string): Promise<void> {
  const bounded = { timeoutMs: HELP_WITHIN_MS };
  const { code, stdout, problem } = await runProgram(command, ["--help"], bounded);
  if (code === 0 && /^ +--conns /m.test(stdout) && /^ +put /m.test(stdout)) return;
  const look = lookForProgram(command, process.cwd(), process.env);
  if (typeof look === "object") {
    throw usageError(`--etcd-benchmark ${command}: ${look.path} ${look.why}; ${look.fix}`);
  }
  const isMissing = /^(ENOENT|EACCES|ENOTDIR)$/.test(problem ?? "");
  const fault = isMissing
    ? "there is no such program (a path, or a name on the PATH)"
    : "it is not etcd's benchmark tool";
  throw usageError(
    `--etcd-benchmark ${command}: ${fault}; build tools/benchmark of etcd's repository`,
  );
}

function argumentsFor(request: OtherRequest): string[] {
  const { operation, endpoint, connections, clients, requests } = request;
  const target = [`--endpoints=${endpoint}`, `--conns=${connections}`, `--clients=${clients}`];
  if (operation === "range") {
    return [...target, "range", RANGE_KEY, "--consistency=s", `--total=${requests}`];
  }
  const keys = [`--key-size=${KEY_SIZE_BYTES}`, `--key-space-size=${PUT_KEY_SPACE_SIZE}`];
  const values = [`--val-size=${VAL_SIZE_BYTES}`, `--total=${requests}`];
  return [...target, "put", ...keys, "--sequential-keys", ...values];
}

/**
 * `  Total:	2.1367 secs.`, and a line `  [3]	rpc error: ...` for each kind of failure below
 * `Error distribution:`; whatever it does not list has succeeded.
 */
function readReport(
  text: string,
  { requests }: OtherRequest,
): { succeeded: number; seconds: number } {
  const total = /^ +Total:\s+([\d.]+) secs\./m.exec(text);
  if (total === null) {
    const words = text.trim().slice(-300);
    throw new BenchError(`the report of etcd's tool is not understood: ${words}`, EXIT.failed);
  }
  const [, errors = ""] = text.split(/^Error distribution:$/m);
  const failed = [...errors.matchAll(/^ +\[(\d+)\]/gm)].map(([, count]) => Number(count));
  const succeeded = failed.reduce((left, count) => left - count, requests);
  return { succeeded, seconds: Number(total[1]) };
}
