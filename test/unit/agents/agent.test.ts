/** An agent whose lease ends while another one has its name: it says why, and ends. */
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { serveAsAgent } from "../../../src/agents/agent.ts";
import { JOIN_FILE_VERSION, newGroupSecret } from "../../../src/agents/join-file.ts";
import { BenchError, EXIT } from "../../../src/errors.ts";
import { serviceDefinition } from "../../../src/protos.ts";

type Answer = (error: null, response: object) => void;

/** Its leases are gone at once, and every name is taken. */
async function etcdWithoutLeases(): Promise<{ server: Server; endpoint: string }> {
  const server = new Server();
  const header = { revision: "7" };
  server.addService(serviceDefinition("etcdserverpb.Cluster"), {
    MemberList: (_: object, answer: Answer) => answer(null, { header, members: [] }),
  });
  server.addService(serviceDefinition("etcdserverpb.KV"), {
    Txn: (_: object, answer: Answer) => answer(null, { header, succeeded: false }),
  });
  server.addService(serviceDefinition("etcdserverpb.Lease"), {
    LeaseGrant: (_: object, answer: Answer) => answer(null, { header, ID: "1", TTL: "15" }),
    LeaseKeepAlive(stream: ServerDuplexStream<object, object>) {
      stream.on("data", () => stream.write({ header, ID: "1", TTL: "0" }));
      stream.on("end", () => stream.end());
      stream.on("error", () => {
        // The client ends it.
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, endpoint: `127.0.0.1:${port}` };
}

test("an agent whose lease is gone while it waits for its name says so, and ends", async () => {
  const { server, endpoint } = await etcdWithoutLeases();
  const stop = new AbortController();
  try {
    const error = await serveAsAgent({
      join: {
        ...{ version: JOIN_FILE_VERSION, endpoints: [endpoint], group: "g" },
        ...{ secret: newGroupSecret(), tls: null, user: null },
      },
      ...{ name: "host1", workers: 1, say: () => {}, stop: stop.signal },
    }).then(
      () => null,
      (each: Error) => each,
    );
    assert.instance(error, BenchError);
    assert.match(error!.message, /agent host1 .*its lease in the coordination etcd is gone/);
    assert.is((error as BenchError).exitCode, EXIT.unreachable);
  } finally {
    stop.abort();
    server.forceShutdown();
  }
});

test.run();
