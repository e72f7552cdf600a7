/** A transport of either kind with the gRPC server of a test, and tests that run over both. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { GrpcJsTransport } from "../../../src/reference/grpc-js-transport.ts";
import type { RequestTemplate, Transport, TransportFactory } from "../../../src/wire/transport.ts";
import { WireTransport } from "../../../src/wire/wire-transport.ts";
import { CallLog } from "../wire/wire-client.ts";
import { GrpcServer } from "./grpc-server.ts";

export const TRANSPORTS: [name: string, make: TransportFactory][] = [
  ["wire", (options) => new WireTransport(options)],
  ["grpc-js", (options) => new GrpcJsTransport(options)],
];

export const PATH = "/test.Service/Method";

export interface Shape {
  connections: number;
  slots: number;
}

export const ONE: Shape = { connections: 1, slots: 1 };

export interface Rig {
  server: GrpcServer;
  transport: Transport;
  log: CallLog;
  /** Starts a call and flushes it. */
  call(slot: number, template: RequestTemplate): void;
  cancel(slot: number): void;
}

export async function withTransport(
  make: TransportFactory,
  shape: Shape,
  run: (rig: Rig) => Promise<void>,
): Promise<void> {
  const server = new GrpcServer();
  const endpoint = await server.listen();
  const log = new CallLog();
  const transport = make({
    connectionEndpoints: new Array(shape.connections).fill(endpoint),
    slotConnections: Array.from({ length: shape.slots }, (_, slot) => slot % shape.connections),
    listener: log,
  });
  try {
    await transport.open();
    await run({
      server,
      transport,
      log,
      call(slot, template) {
        log.inFlight.add(slot);
        transport.call(slot, template);
        transport.flush();
      },
      cancel(slot) {
        log.inFlight.delete(slot);
        transport.cancel(slot);
        transport.flush();
      },
    });
    assert.is(log.fault, null);
  } finally {
    transport.close();
    await server.close();
  }
}

/** Writes the message after the prefix of the transport. */
export function patch(template: RequestTemplate, message: Uint8Array): void {
  template.bytes.set(message, template.messageOffset);
}

/** Defines a test for each transport. */
export function contract(promise: string, shape: Shape, run: (rig: Rig) => Promise<void>): void {
  for (const [name, make] of TRANSPORTS) {
    test(`${name}: ${promise}`, () => withTransport(make, shape, run));
  }
}
