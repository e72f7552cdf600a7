/** Makes the entry of a new cluster in the registry of etcd's discovery service, which is another etcd. */
import { flagError, unreachableError } from "../../errors.ts";
import { parseEndpointList } from "../../plan/endpoints.ts";
import { ControlClient, ControlError } from "../control-client.ts";
import { compareVersions } from "../etcd-binary/version.ts";
import type { Discovery } from "../local-cluster/member-process.ts";
import { probeEndpoint } from "../probe.ts";

/** From here on etcd takes v3's flags, and no v2 keys. */
const V3_SINCE = "3.6.0";
const ANSWER_MS = 5_000;

/**
 * @param registry `host:port` of the etcd, or its URL
 * @throws BenchError (unreachable) where nothing answers, (usage) where it does not take the entry
 */
export async function registerCluster(
  registry: string,
  { token, size, version }: { token: string; size: number; version: string },
): Promise<Discovery> {
  const { endpoints, scheme } = parseEndpointList(registry, "--discovery");
  const [endpoint, another] = endpoints;
  if (endpoint === undefined || another !== undefined) {
    throw flagError("discovery", `--discovery=${registry}: name one etcd, as HOST:PORT`);
  }
  const url = new URL(`${scheme ?? "http"}://${endpoint}`);
  if (compareVersions(version, V3_SINCE) < 0) return await registerByV2(url, token, size);
  if (url.protocol !== "http:") {
    throw refused(url, `etcd ${version} would need a certificate for it: name a port without TLS`);
  }
  await probeEndpoint(endpoint, ANSWER_MS, "--discovery");
  const client = new ControlClient([endpoint]);
  const key = Buffer.from(`/_etcd/registry/${token}/_config/size`);
  try {
    await client.put({ key, value: Buffer.from(String(size)) });
    return { kind: "v3", endpoint: `http://${endpoint}`, token };
  } catch (error) {
    if (error instanceof ControlError) throw refused(url, error.details, error);
    throw error;
  } finally {
    client.close();
  }
}

async function registerByV2(registry: URL, token: string, size: number): Promise<Discovery> {
  const url = `${registry.origin}/v2/keys/discovery/${token}`;
  let response: Response;
  try {
    response = await fetch(`${url}/_config/size`, {
      method: "PUT",
      body: new URLSearchParams({ value: String(size) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (cause) {
    throw unreachableError(
      `--discovery ${registry.host}: nothing answers there: start the registry or correct the address`,
      cause,
    );
  }
  if (response.ok) return { kind: "v2", url };
  throw refused(
    registry,
    `HTTP status ${response.status}: an etcd up to 3.5 has the v2 keys if it was started with --enable-v2`,
  );
}

function refused({ host }: URL, why: string, cause?: unknown): Error {
  return flagError(
    "discovery",
    `--discovery=${host}: the registry takes no cluster: ${why}`,
    cause,
  );
}
