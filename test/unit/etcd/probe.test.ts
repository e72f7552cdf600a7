/** Tests how bench recognizes what listens at an endpoint. */
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import { NoAnswerError, probeEndpoint } from "../../../src/etcd/probe.ts";
import { patient } from "../../harness/patience.ts";

/** Long enough for a busy machine; tests with silent servers use a short timeout. */
const PATIENT_MS = patient(20_000);

test("a server that opens with SETTINGS is accepted", async () => {
  await listening(createHttp2Server(), (endpoint) => probeEndpoint(endpoint, PATIENT_MS));
});

test("SETTINGS that arrives byte by byte is accepted", async () => {
  const server = raw(async (socket) => {
    for (const byte of [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1]) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await listening(server, (endpoint) => probeEndpoint(endpoint, PATIENT_MS));
});

test("a port where nothing listens gives an error with ECONNREFUSED", async () => {
  await refused("127.0.0.1:1", /nothing listens there \(ECONNREFUSED\): start etcd/);
});

test("the error for a host that does not resolve names it", async () => {
  // A label longer than DNS allows: the resolver refuses it without a query.
  const host = `${"a".repeat(64)}.invalid`;
  await refused(`${host}:2379`, new RegExp(`host ${host} does not resolve`));
});

test("an HTTP/1 server is recognized", async () => {
  const server = createHttpServer((_request, response) => response.end("hello"));
  await listening(server, (endpoint) =>
    refused(endpoint, /speaks HTTP\/1, not gRPC: name etcd's client port/),
  );
});

test("a short HTTP/1 answer that arrives in pieces is recognized", async () => {
  const server = raw((socket) => {
    socket.write("HTT");
    setImmediate(() => socket.end("P/1.0 400 Bad"));
  });
  await listening(server, (endpoint) => refused(endpoint, /speaks HTTP\/1/));
});

test("a TLS server is recognized, or reported as possible", async () => {
  // The server needs no certificate: the greeting fails earlier.
  await listening(createTlsServer(), (endpoint) => refused(endpoint, /TLS.*https:\/\//));
});

test("a TLS alert is recognized, whether the server then closes or waits", async () => {
  const alert = Buffer.from([0x15, 3, 1, 0, 2, 2, 70]);
  await listening(
    raw((socket) => void socket.end(alert)),
    (endpoint) => refused(endpoint, /it speaks TLS: write https:\/\//),
  );
  await listening(
    raw((socket) => void socket.write(alert)),
    (endpoint) => refused(endpoint, /it speaks TLS: write https:\/\//, 1000),
  );
});

test("a server that closes at once may want TLS, as etcd's TLS port does", async () => {
  await listening(
    raw((socket) => void socket.end()),
    (endpoint) => refused(endpoint, /closes the connection at once: it may want TLS/),
  );
  await listening(
    raw((socket) => void socket.resetAndDestroy()),
    (endpoint) => refused(endpoint, /closes the connection at once: it may want TLS/),
  );
});

test("a server that accepts the connection and is silent is given up after the timeout", async () => {
  await listening(
    raw(() => {}),
    (endpoint) => refused(endpoint, /says nothing in 1000 ms/, 1000),
  );
});

test("what closes at once is there, and what is silent or is not there gives no answer", async () => {
  await listening(
    raw((socket) => void socket.end()),
    async (endpoint) => assert.not.instance(await faultOf(endpoint), NoAnswerError),
  );
  await listening(
    raw(() => {}),
    async (endpoint) => assert.instance(await faultOf(endpoint, 1000), NoAnswerError),
  );
  assert.instance(await faultOf("127.0.0.1:1"), NoAnswerError);
});

async function faultOf(endpoint: string, timeoutMs = PATIENT_MS): Promise<unknown> {
  return probeEndpoint(endpoint, timeoutMs).then(
    () => null,
    (error: unknown) => error,
  );
}

test("another protocol is recognized", async () => {
  await listening(
    raw((socket) => void socket.write("220 mail.example ESMTP\r\n")),
    (endpoint) => refused(endpoint, /does not speak HTTP\/2/),
  );
});

test("the error names the flag or variable that gave the endpoint", async () => {
  try {
    await probeEndpoint("127.0.0.1:1", PATIENT_MS, "ETCDCTL_ENDPOINTS");
  } catch (error) {
    assert.match((error as Error).message, /^ETCDCTL_ENDPOINTS 127\.0\.0\.1:1: /);
    return;
  }
  assert.unreachable("it was taken");
});

async function refused(endpoint: string, why: RegExp, timeoutMs = PATIENT_MS): Promise<void> {
  try {
    await probeEndpoint(endpoint, timeoutMs);
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).exitCode, EXIT.unreachable);
    assert.ok((error as BenchError).message.startsWith(`--endpoints ${endpoint}: `));
    assert.match((error as BenchError).message, why);
    assert.not.match((error as BenchError).message, /\n/);
    return;
  }
  assert.unreachable(`${endpoint} was taken`);
}

/** Answers after the client's greeting, so that no result depends on timing. */
function raw(answer: (socket: Socket) => void): Server {
  return createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
}

async function listening(
  server: Pick<Server, "listen" | "address" | "close" | "on" | "once">,
  use: (endpoint: string) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

test.run();
