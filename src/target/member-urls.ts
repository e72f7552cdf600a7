/** Owns what a member's advertised client URLs mean to us: those that speak plain gRPC over TCP. */
import { BenchError } from "../errors.ts";
import { parseEndpoints } from "./endpoints.ts";

/** @returns `host:port` of each URL that is neither TLS nor a unix socket, in their order. */
export function plainClientEndpoints(urls: readonly string[]): string[] {
  return urls.flatMap((url) => {
    try {
      return parseEndpoints(url, "the advertised client URL");
    } catch (error) {
      if (error instanceof BenchError) return [];
      throw error;
    }
  });
}
