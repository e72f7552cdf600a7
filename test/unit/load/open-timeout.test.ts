/** A server that accepts connections and sends nothing: each transport has an open timeout. */
import { createServer, type Server, type Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GrpcJsTransport } from "../../../src/reference/grpc-js-transport.ts";
import type { CallListener, Transport, TransportOptions } from "../../../src/wire/transport.ts";
import { WireTransport } from "../../../src/wire/wire-transport.ts";
import { before } from "../../harness/hooks.ts";

const test = suite<{ server: Server; port: number; sockets: Set<Socket> }>("open-timeout");

before(test, async (context) => {
  context.sockets = new Set();
  context.server = createServer((socket) => context.sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => context.server.listen(0, "127.0.0.1", resolve));
  context.port = (context.server.address() as { port: number }).port;
});
test.after(({ server, sockets }) => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

const TRANSPORTS: [string, (options: TransportOptions) => Transport, RegExp][] = [
  ["wire", (options) => new WireTransport(options), /no HTTP\/2 SETTINGS within 0\.06 s/],
  ["grpc-js", (options) => new GrpcJsTransport(options), /Failed to connect before the deadline/],
];

for (const [name, make, words] of TRANSPORTS) {
  test(`${name} gives up on a silent server after the given timeout`, async ({ port }) => {
    const transport = make({
      connectionEndpoints: [`127.0.0.1:${port}`],
      slotConnections: [0],
      listener: {} as CallListener,
      openTimeoutMs: 60,
    });
    try {
      const failure = await transport.open().then(
        () => null,
        (error: Error) => error.message,
      );
      assert.match(String(failure), words);
    } finally {
      transport.close();
    }
  });
}

test.run();
