/** Takes `host:port` apart and puts it together, and makes the authority of a request from it. */
import { isIPv6 } from "node:net";

export interface HostPort {
  /** A name or an address, IPv6 without brackets and with its zone. */
  host: string;
  port: number;
}

/** The parts of `host:port` or `[IPv6]:port`. */
export function splitEndpoint(endpoint: string): HostPort {
  const colon = endpoint.lastIndexOf(":");
  return {
    host: endpoint.slice(0, colon).replace(/^\[|\]$/g, ""),
    port: Number(endpoint.slice(colon + 1)),
  };
}

/**
 * What a client calls the server by, in :authority or Host: the endpoint without an IPv6 zone, which
 * means something to this machine alone (RFC 6874 section 4).
 */
export function authorityOf(endpoint: string): string {
  return endpoint.replace(/%[^\]]*\]/, "]");
}

/** `host:port`, an IPv6 address in brackets. */
export function joinHostPort(host: string, port: number | string): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
