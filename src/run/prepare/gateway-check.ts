/** Asks endpoints for etcd's grpc-gateway, which etcd serves unless its flags say otherwise. */
import { unreachableError } from "../../errors.ts";
import type { ControlAccess } from "../../etcd/control-calls.ts";
import { PageReader } from "../../etcd/fetch-page.ts";
import { NO_GATEWAY } from "../../etcd/set-up-failure.ts";
import type { RunPlan } from "../../plan/schema.ts";

const WITHIN_MS = 5_000;
/** By GET, which no method of the gateway is asked by: one that is there refuses it with another status. */
const PATH = "/v3/kv/range";
const ABSENT = "HTTP status 404";

/** @throws BenchError (unreachable) for an endpoint that has none and a plan that sends its load there */
export async function checkGateway(
  { load }: Pick<RunPlan, "load">,
  endpoints: readonly string[],
  { tls }: ControlAccess,
): Promise<void> {
  if (load.transport !== "gateway") return;
  const pages = new PageReader(tls, false);
  const scheme = tls === null ? "http" : "https";
  try {
    await Promise.all(endpoints.map((endpoint) => checkOne(pages, scheme, endpoint)));
  } finally {
    pages.close();
  }
}

async function checkOne(pages: PageReader, scheme: string, endpoint: string): Promise<void> {
  try {
    await pages.read(`${scheme}://${endpoint}${PATH}`, { timeoutMs: WITHIN_MS });
  } catch (error) {
    // Whatever else it answers is for the connections of the load to find out.
    if ((error as Error).message !== ABSENT) return;
    throw unreachableError(
      `--endpoints ${endpoint}: ${ABSENT}, so there is no grpc-gateway; ${NO_GATEWAY}`,
      error,
    );
  }
}
