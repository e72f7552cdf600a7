/** Owns what a member's advertised URLs mean to us: those that speak plain gRPC over TCP. */
import { BenchError } from "../errors.ts";
import { parseEndpoints } from "../plan/endpoints.ts";

/** @returns `host:port` of each URL that is neither TLS nor a unix socket, in their order. */
export function plainEndpoints(urls: readonly string[]): string[] {
  return urls.flatMap((url) => {
    try {
      return parseEndpoints(url, "the advertised URL");
    } catch (error) {
      if (error instanceof BenchError) return [];
      throw error;
    }
  });
}
