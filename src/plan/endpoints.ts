/**
 * Reads endpoint lists (`--endpoints`, ETCDCTL_ENDPOINTS, `--metrics-endpoints`) into plain
 * `host:port`, which the rest of bench uses; whether they use TLS is decided once for all.
 */
import { isIPv4, isIPv6 } from "node:net";
import { sourceError } from "../errors.ts";

const EXAMPLE = "127.0.0.1:2379";

/** How endpoints are spoken to; null: the list does not say. */
export type Scheme = "http" | "https" | null;

export interface EndpointList {
  /** `host:port` each, hosts in lower case, in the order named. */
  endpoints: string[];
  /** Of all that name one. */
  scheme: Scheme;
}

/**
 * A comma list as etcdctl takes it: `host:port`, `http://host:port` or `https://host:port`, IPv6 in
 * brackets, with a zone where it needs one. The port has no default, since etcdctl has none either. A duplicate is an error rather
 * than dropped: the member would get a double share of the connections, or the list a wrong length.
 * @throws BenchError (usage) that names the flag, the item and the fix.
 */
export function parseEndpointList(text: string, flagName: string): EndpointList {
  // What is before an @ may be a password, with commas in it: none of it is shown.
  if (text.includes("@")) {
    throw sourceError(
      flagName,
      `${flagName} names a user before an @: write host:port alone, as ${EXAMPLE}, and give the user by --user=NAME[:PASSWORD]`,
    );
  }
  const items = text.split(",").map((item) => parseEndpoint(item.trim(), flagName));
  const endpoints = items.map(({ endpoint }) => endpoint);
  const twice = endpoints.find((endpoint, i) => endpoints.indexOf(endpoint) !== i);
  if (twice !== undefined) {
    throw sourceError(flagName, `${flagName} names ${twice} twice: name each endpoint once`);
  }
  const schemes = new Set(items.flatMap(({ scheme }) => scheme ?? []));
  if (schemes.size > 1) {
    throw sourceError(
      flagName,
      `${flagName} mixes http:// and https://: all connections of a run are of one kind, name one kind`,
    );
  }
  return { endpoints, scheme: [...schemes][0] ?? null };
}

/** The endpoints alone, where it is settled already how they are spoken to. */
export function parseEndpoints(text: string, flagName: string): string[] {
  return parseEndpointList(text, flagName).endpoints;
}

/**
 * The list of `--metrics-endpoints`: as `parseEndpointList`, with `/metrics` allowed at the end.
 * @param scheme of an item that names none
 * @returns `http(s)://host:port` each.
 * @throws BenchError (usage) that names the flag, the item and the fix.
 */
export function parseMetricsEndpoints(
  text: string,
  flagName: string,
  scheme: "http" | "https" = "http",
): string[] {
  const withoutPath = text.split(",").map((item) => item.trim().replace(/\/metrics\/?$/, ""));
  const list = parseEndpointList(withoutPath.join(","), flagName);
  return list.endpoints.map((endpoint) => `${list.scheme ?? scheme}://${endpoint}`);
}

function parseEndpoint(item: string, flagName: string): { endpoint: string; scheme: Scheme } {
  const bad = (why: string) => sourceError(flagName, `${flagName}: ${why}`);
  if (item === "") {
    throw bad(`an item of the list is empty: write host:port, with commas between, as ${EXAMPLE}`);
  }
  const [, named, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(item) ?? [];
  const scheme = named?.toLowerCase() ?? null;
  if (scheme !== null && scheme !== "http" && scheme !== "https") {
    throw bad(
      `"${item}" has the scheme ${scheme}: write host:port, http://host:port or https://host:port`,
    );
  }
  const [, authority = "", path] = /^([^/?#]*)(.*)$/.exec(rest) ?? [];
  if (path !== "" && path !== "/") {
    throw bad(`"${item}" has a path: write host:port alone, as ${EXAMPLE}`);
  }
  // Node takes long to make ready for its first question about IPv6.
  if (/:.*:/.test(authority) && isIPv6(authority)) {
    throw bad(`"${item}" is an IPv6 address: write it in brackets with a port, as [::1]:2379`);
  }
  const [, host = "", portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority) ?? [];
  if (!isHost(host)) throw bad(`"${item}" has no valid host: write host:port, as ${EXAMPLE}`);
  if (portText === undefined) throw bad(`"${item}" has no port: write ${host}:2379`);
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65535) {
    throw bad(`"${item}" has the port "${portText}": write one from 1 to 65535`);
  }
  return { endpoint: `${plainHost(host)}:${port}`, scheme };
}

/** In lower case, save for an IPv6 zone, which names an interface; in a URL its % is written %25. */
function plainHost(host: string): string {
  const [address = "", zone] = host.split(/%(?:25(?=[^\]]))?/);
  return zone === undefined ? host.toLowerCase() : `${address.toLowerCase()}%${zone}`;
}

function isHost(host: string): boolean {
  if (host.startsWith("[")) return isIPv6(host.slice(1, -1)) && !/\s/.test(host);
  if (/^[\d.]+$/.test(host)) return isIPv4(host);
  return (
    host.length <= 253 &&
    /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(host)
  );
}
