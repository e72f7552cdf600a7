/** Owns what a member's advertised URLs mean to us: those that are spoken to as the run speaks. */
import { BenchError } from "../errors.ts";
import { parseEndpointList } from "../plan/endpoints.ts";

/** @returns `host:port` of each URL of the kind, TLS or not, in their order; no unix sockets. */
export function advertisedEndpoints(urls: readonly string[], isTls: boolean): string[] {
  return urls.flatMap((url) => {
    try {
      const { endpoints, scheme } = parseEndpointList(url, "the advertised URL");
      return (scheme === "https") === isTls ? endpoints : [];
    } catch (error) {
      if (error instanceof BenchError) return [];
      throw error;
    }
  });
}
