/** Starts a fake etcd for each test, with clients of it. */
import { Client, credentials } from "@grpc/grpc-js";
import { suite, type Test } from "uvu";
import { type FakeEtcd, startFakeEtcd } from "../../../src/fake-etcd/server.ts";
import { decodeMessage, encodeMessage } from "../../../src/protos.ts";
import { RawClient } from "./raw-client.ts";

export interface FakeEtcdContext {
  server: FakeEtcd;
  /** A grpc-js client with its own connection, closed after the test. */
  grpcClient: () => Client;
  rawClient: () => Promise<RawClient>;
}

/** A suite whose tests each have their own fake etcd; `keeps` makes it keep written data. */
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

/** Makes one call through grpc-js, with the encoded message; returns the encoded response. */
export function call(client: Client, path: string, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, identity, identity, message, (error, answer) => {
      if (error) reject(error);
      else resolve(answer!);
    });
  });
}

/** Calls a method of etcd's KV service, e.g. `Put`, with the fields of request and response. */
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
