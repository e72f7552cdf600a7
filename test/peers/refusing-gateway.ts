/** A gateway that speaks gRPC and refuses each request with a status of its own, as Envoy does. */
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";

export interface Refusal {
  status: number;
  message: string;
  /** Null: it names no server. */
  server?: string | null;
  /** The status comes in headers of its own after the first ones. */
  isAfterHeaders?: boolean;
}

/** Calls `use` with the endpoint of the gateway. */
export async function withRefusingGateway(
  { status, message, server = "envoy", isAfterHeaders = false }: Refusal,
  use: (endpoint: string) => Promise<void>,
): Promise<void> {
  const named = server === null ? {} : { server };
  const head = { ":status": 200, "content-type": "application/grpc", ...named };
  const end = { "grpc-status": String(status), "grpc-message": message };
  const gateway = createServer();
  gateway.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.resume();
    if (isAfterHeaders) {
      stream.respond(head, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(end));
      stream.end();
    } else {
      stream.respond({ ...head, ...end }, { endStream: true });
    }
  });
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  try {
    await use(`127.0.0.1:${(gateway.address() as AddressInfo).port}`);
  } finally {
    gateway.close();
  }
}
