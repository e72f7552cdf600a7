/** Owns etcd's own tool, in Go, as a client beside ours: a `benchmark` that the person has built. */
import { usageError } from "../errors.ts";
import { KEY_SIZE_BYTES, VAL_SIZE_BYTES } from "./null-server/answers.ts";
import {
  isMissing,
  type OtherClient,
  type OtherRequest,
  outputOf,
  startProgram,
} from "./other-client.ts";
import { RANGE_KEY } from "./workloads.ts";

const SOURCE = "build tools/benchmark of etcd's repository";
/** As many keys as the wire transport's cell puts. */
const KEY_SPACE_SIZE = 1_000_000;

/** @throws BenchError where `command` is no such tool. */
export async function etcdBenchmark(command: string): Promise<OtherClient> {
  await checkIsBenchmark(command);
  const amount = { share: 1 / 8, leastRequests: 3_000 };
  return { name: "etcd-benchmark", command, ...amount, argumentsFor, readReport };
}

async function checkIsBenchmark(command: string): Promise<void> {
  try {
    const { code, stdout } = await outputOf(startProgram(command, ["--help"]));
    if (code === 0 && /^ +--conns /m.test(stdout) && /^ +put /m.test(stdout)) return;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw usageError(
      `--etcd-benchmark ${command}: there is no such program (a path, or a name on the PATH); ${SOURCE}`,
      error,
    );
  }
  throw usageError(`--etcd-benchmark ${command}: it is not etcd's benchmark tool; ${SOURCE}`);
}

function argumentsFor(request: OtherRequest): string[] {
  const { operation, endpoint, connections, clients, requests } = request;
  const target = [`--endpoints=${endpoint}`, `--conns=${connections}`, `--clients=${clients}`];
  if (operation === "range") {
    return [...target, "range", RANGE_KEY, "--consistency=s", `--total=${requests}`];
  }
  const keys = [`--key-size=${KEY_SIZE_BYTES}`, `--key-space-size=${KEY_SPACE_SIZE}`];
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
    throw new Error(`the report of etcd's tool is not understood: ${text.trim().slice(-300)}`);
  }
  const [, errors = ""] = text.split(/^Error distribution:$/m);
  const failed = [...errors.matchAll(/^ +\[(\d+)\]/gm)].map(([, count]) => Number(count));
  const succeeded = failed.reduce((left, count) => left - count, requests);
  return { succeeded, seconds: Number(total[1]) };
}
