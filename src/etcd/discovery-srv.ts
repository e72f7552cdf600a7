/**
 * Looks up the client endpoints of a cluster in DNS, by the SRV records that etcdctl's
 * --discovery-srv reads: `_etcd-client-ssl._tcp.DOMAIN` and `_etcd-client._tcp.DOMAIN`, with
 * `-NAME` after the service where a name is given.
 */
import type { SrvRecord } from "node:dns";
import { BenchError, unreachableError, usageError } from "../errors.ts";
import { joinHostPort } from "../net/host-port.ts";

export interface Discovery {
  domain: string;
  /** Empty: none. */
  name: string;
  /** The flag or variable that asked for it. */
  source: string;
}

/** As `resolveSrv` of node:dns/promises. */
export type ResolveSrv = (name: string) => Promise<SrvRecord[]>;

const SERVICES = [
  { service: "etcd-client-ssl", scheme: "https" },
  { service: "etcd-client", scheme: "http" },
] as const;

/** DNS has an answer, and it is that there are no such records. */
const NO_RECORDS = new Set(["ENOTFOUND", "ENODATA"]);

const DNS_PATIENCE = { timeout: 2_000, tries: 2 };

/**
 * @returns `http://HOST:PORT` or `https://HOST:PORT` each, by priority and weight as RFC 2782 orders
 *   them; equal ones by name, so that two runs deal their connections alike.
 * @throws BenchError (usage) where no record is there, or records of both kinds are
 */
export async function discoverEndpoints(
  discovery: Discovery,
  resolve: ResolveSrv = systemResolver(),
): Promise<string[]> {
  const { domain, name, source } = discovery;
  check(discovery);
  const asked = SERVICES.map(({ service, scheme }) => ({
    scheme,
    query: `_${service}${name === "" ? "" : `-${name}`}._tcp.${domain.replace(/\.$/, "")}`,
  }));
  const found = await Promise.all(
    asked.map(async ({ scheme, query }) => ({
      query,
      endpoints: (await recordsOf(query, source, resolve)).map(
        (record) => `${scheme}://${hostPort(record)}`,
      ),
    })),
  );
  const [secure, plain] = found as [(typeof found)[0], (typeof found)[0]];
  if (secure.endpoints.length > 0 && plain.endpoints.length > 0) {
    throw usageError(
      `${source}: ${secure.query} and ${plain.query} both have records, and all connections of a run are of one kind: ` +
        `name the endpoints, as --endpoints=${secure.endpoints.join(",")}`,
    );
  }
  const endpoints = [...secure.endpoints, ...plain.endpoints];
  if (endpoints.length > 0) return endpoints;
  throw usageError(
    `${source}: DNS has no SRV records of ${secure.query} and ${plain.query}: check the domain` +
      `${name === "" ? ", give --discovery-srv-name where their names have a suffix," : " and --discovery-srv-name,"} or name the endpoints by --endpoints`,
  );
}

function check({ domain, name, source }: Discovery): void {
  const label = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i;
  const labels = domain.replace(/\.$/, "").split(".");
  if (!labels.every((each) => label.test(each)) || domain.length > 253) {
    throw usageError(
      `${source}: ${JSON.stringify(domain)} is no domain name, e.g. --discovery-srv=example.com`,
    );
  }
  if (name !== "" && !label.test(name)) {
    throw usageError(
      `--discovery-srv-name: ${JSON.stringify(name)} cannot be a part of a DNS name, e.g. --discovery-srv-name=blue`,
    );
  }
}

async function recordsOf(query: string, source: string, resolve: ResolveSrv): Promise<SrvRecord[]> {
  try {
    const records = await resolve(query);
    // A target of "." says that the service is not offered there (RFC 2782).
    return records
      .filter(({ name }) => name !== "" && name !== ".")
      .toSorted(
        (a, b) =>
          a.priority - b.priority ||
          b.weight - a.weight ||
          a.name.localeCompare(b.name) ||
          a.port - b.port,
      );
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || cause instanceof BenchError) throw cause;
    if (NO_RECORDS.has(code)) return [];
    throw unreachableError(
      `${source}: DNS did not answer the question for ${query} (${code}): check the name server of this machine, or name the endpoints by --endpoints`,
      cause,
    );
  }
}

function hostPort({ name, port }: SrvRecord): string {
  return joinHostPort(name.replace(/\.$/, ""), port);
}

function systemResolver(): ResolveSrv {
  return async (name) => {
    const { Resolver } = await import("node:dns/promises");
    return await new Resolver(DNS_PATIENCE).resolveSrv(name);
  };
}
