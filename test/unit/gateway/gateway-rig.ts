/** Connects the gateway's transport to a scripted HTTP server. */
import * as assert from "uvu/assert";
import { GatewayTransport } from "../../../src/gateway/gateway-transport.ts";
import { encodeMessage } from "../../../src/protos.ts";
import type { RequestTemplate, TransportOptions } from "../../../src/wire/transport.ts";
import { HttpPeer, type HttpPeerConnection } from "../../peers/http-peer.ts";
import { CallLog } from "../wire/wire-client.ts";

const PUT = "/etcdserverpb.KV/Put";

export const RANGE = "/etcdserverpb.KV/Range";

export const KEY = Buffer.from("foo");

const PUT_MESSAGE = encodeMessage("etcdserverpb.PutRequest", { key: KEY });

export const RANGE_MESSAGE = encodeMessage("etcdserverpb.RangeRequest", { key: KEY });

interface Rig {
  peer: HttpPeer;
  transport: GatewayTransport;
  log: CallLog;
  put: RequestTemplate;
  call(slot: number, template?: RequestTemplate): void;
  cancel(slot: number): void;
}

export async function withGateway(
  slots: number,
  run: (rig: Rig, first: HttpPeerConnection) => Promise<void>,
  options: Partial<TransportOptions> = {},
  peer?: HttpPeer,
): Promise<void> {
  const server = peer ?? (await HttpPeer.listen());
  const log = new CallLog();
  const transport = new GatewayTransport({
    connectionEndpoints: new Array(slots).fill(server.endpoint),
    slotConnections: Array.from({ length: slots }, (_, slot) => slot),
    listener: log,
    ...options,
  });
  try {
    const put = transport.template(PUT, PUT_MESSAGE);
    await transport.open();
    const rig = {
      peer: server,
      transport,
      log,
      put,
      call(slot: number, template = put) {
        log.inFlight.add(slot);
        transport.call(slot, template);
        transport.flush();
      },
      cancel(slot: number) {
        log.inFlight.delete(slot);
        transport.cancel(slot);
      },
    };
    await run(rig, await server.accept());
    assert.is(log.fault, null);
  } finally {
    transport.close();
    await server.close();
  }
}
