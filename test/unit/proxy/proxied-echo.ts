/** A fault proxy between clients and a server that echoes. */
import { suite, type Test } from "uvu";
import { FaultProxy } from "../../../src/proxy/fault-proxy.ts";
import { type ByteEnd, BytePeer, connectEnd } from "../../peers/byte-peer.ts";

export interface Context {
  peer: BytePeer;
  proxy: FaultProxy;
  clients: ByteEnd[];
  open(): ByteEnd;
}

/** Opens a connection and sends bytes both ways. */
export async function opened({ open }: Context): Promise<ByteEnd> {
  const client = open();
  client.socket.write("hello");
  await client.receives("hello");
  return client;
}

/** A suite whose tests each have a new proxy and a new server. */
export function proxiedSuite(name: string): Test<Context> {
  const test = suite<Context>(name);
  test.before.each(async (context) => {
    context.peer = await BytePeer.echo();
    context.clients = [];
    context.proxy = await FaultProxy.listen({ from: "127.0.0.1:0", to: context.peer.endpoint });
    context.open = () => {
      const client = connectEnd(context.proxy.port);
      context.clients.push(client);
      return client;
    };
  });

  test.after.each(async ({ peer, proxy, clients }) => {
    for (const { socket } of clients) socket.destroy();
    await proxy.close();
    peer.close();
  });
  return test;
}
