/** Owns what tests of the null server share: a server for each test, and its clients. */
import { Client, credentials } from "@grpc/grpc-js";
import { suite, type Test } from "uvu";
import { type NullServer, startNullServer } from "../../../src/fake-etcd/server.ts";
import { decodeMessage, encodeMessage } from "../../../src/protos.ts";
import { RawClient } from "./raw-client.ts";

export interface NullServerContext {
  server: NullServer;
  /** A grpc-js client on a connection of its own; closed behind the test. */
  grpcClient: () => Client;
  rawClient: () => Promise<RawClient>;
}

/** Tests each with a null server of its own, which keeps what is written or not. */
export function nullServerSuite(name: string, keeps = false): Test<NullServerContext> {
  const test = suite<NullServerContext>(name);
  const clients: { close(): void }[] = [];
  test.before.each(async (context) => {
    const server = await startNullServer(null);
    server.begin(keeps);
    context.server = server;
    context.grpcClient = () => {
      const options = { "grpc.use_local_subchannel_pool": 1 };
      const client = new Client(endpointOf(server), credentials.createInsecure(), options);
      clients.push(client);
      return client;
    };
    context.rawClient = async () => {
      const client = await RawClient.connect(server.port);
      clients.push(client);
      return client;
    };
  });
  test.after.each(async ({ server }) => {
    for (const client of clients.splice(0)) client.close();
    await server.close();
  });
  return test;
}

export function endpointOf({ port }: NullServer): string {
  return `127.0.0.1:${port}`;
}

export const identity = (bytes: Buffer) => bytes;

/** One call through grpc-js, with the bytes of message and answer. */
export function call(client: Client, path: string, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, identity, identity, message, (error, answer) => {
      if (error) reject(error);
      else resolve(answer!);
    });
  });
}

/** A call of etcd's KV service, `Put` say, with the fields of message and answer. */
export async function callKv<Answer>(
  client: Client,
  method: string,
  fields: object,
): Promise<Answer> {
  const [request, response] = [`${method}Request`, `${method}Response`];
  const message = encodeMessage(`etcdserverpb.${request}`, fields);
  const answer = await call(client, `/etcdserverpb.KV/${method}`, message);
  return decodeMessage<Answer>(`etcdserverpb.${response}`, answer);
}
