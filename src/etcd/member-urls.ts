/** Reads a member's advertised URLs: those that the run can connect to, with TLS or without. */
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
