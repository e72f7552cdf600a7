/** Reads how many streams servers allow on a connection, which grpc-js tells nobody. */
import { type TransportOptions, WireTransport } from "#wire";

/** By connection, asked over one connection of the wire to each server. @throws Error where one does not answer */
export async function readStreamLimits({
  connectionEndpoints,
  tls = null,
  openTimeoutMs,
}: Pick<TransportOptions, "connectionEndpoints" | "tls" | "openTimeoutMs">): Promise<number[]> {
  const endpoints = [...new Set(connectionEndpoints)];
  const transport = new WireTransport({
    ...{ connectionEndpoints: endpoints, slotConnections: [], tls },
    ...(openTimeoutMs !== undefined && { openTimeoutMs }),
    listener: { onCallEnd() {}, onMessage() {}, onCallUnprocessed() {} },
  });
  try {
    await transport.open();
    const limits = new Map(endpoints.map((each, at) => [each, transport.streamLimits[at]!]));
    return connectionEndpoints.map((each) => limits.get(each)!);
  } finally {
    transport.close();
  }
}
