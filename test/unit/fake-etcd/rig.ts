/** The tests of the fake etcd: a server for each, and its clients. */
import { Client, credentials } from "@grpc/grpc-js";
import { suite, type Test } from "uvu";
import { type FakeEtcd, startFakeEtcd } from "../../../src/fake-etcd/server.ts";
import { decodeMessage, encodeMessage } from "../../../src/protos.ts";
import { RawClient } from "./raw-client.ts";

export interface FakeEtcdContext {
  server: FakeEtcd;
  /** A grpc-js client on a connection of its own; closed after the test. */
  grpcClient: () => Client;
  rawClient: () => Promise<RawClient>;
}

/** Tests each with a fake etcd of its own, which keeps what is written or not. */
export function fakeEtcdSuite(name: string, keeps = false): Test<FakeEtcdContext> {
  const test = suite<FakeEtcdContext>(name);
  const clients: { close(): void }[] = [];
  test.before.each(async (context) => {
    const server = await startFakeEtcd(null);
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

export function endpointOf({ port }: FakeEtcd): string {
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
