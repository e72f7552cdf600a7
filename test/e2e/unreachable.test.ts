/** Runs bench on servers that are not etcd: one line that says what is there, and exit code 3. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench } from "../harness/bench-process.ts";

interface OtherServer {
  port: number;
  close(): Promise<void>;
}

/** A server that handles each connection with the test's function. */
async function startServer(serve: (socket: Socket) => void): Promise<OtherServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    // These tests are about clients that close the connection.
    socket.on("error", () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A TLS 1.2 record: alert, fatal, protocol version. */
const TLS_ALERT = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46]);

for (const [name, serve, words] of [
  [
    "HTTP/1",
    (socket) =>
      socket.once("data", () =>
        socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
      ),
    /HTTP\/1/,
  ],
  ["TLS", (socket) => socket.once("data", () => socket.end(TLS_ALERT)), /TLS/],
  ["nothing at all", () => {}, /says nothing/],
  ["a close", (socket) => socket.once("data", () => socket.end()), /closes the connection/],
  ["another protocol", (socket) => socket.write("220 mail.example ESMTP\r\n"), /HTTP\/2/],
] as const satisfies [string, (socket: Socket) => unknown, RegExp][]) {
  test(`an endpoint that answers with ${name} is reported in one line, with exit code 3`, async () => {
    const server = await startServer(serve);
    try {
      const flag = `--endpoints=127.0.0.1:${server.port}`;
      for (const command of ["put", "range"]) {
        const { code, stdout, stderr } = await bench([command, flag, "--no-progress"]);
        assert.is(code, 3, stderr);
        assert.is(stdout, "");
        assert.match(stderr, /^bench: --endpoints [^\n]+\n$/);
        assert.ok(stderr.includes(`127.0.0.1:${server.port}`), stderr);
        assert.match(stderr, words);
      }
    } finally {
      await server.close();
    }
  });
}

test("an endpoint without a listener is reported in one line, with exit code 3", async () => {
  const [port] = await freePorts(1);
  const { code, stdout, stderr } = await bench(["put", `--endpoints=127.0.0.1:${port}`]);
  assert.is(code, 3, stderr);
  assert.is(stdout, "");
  assert.match(
    stderr,
    new RegExp(`^bench: --endpoints 127.0.0.1:${port}: nothing listens[^\n]+\n$`),
  );
});

test("clean, memory and doctor say of each endpoint what is wrong there, as a run does", async () => {
  const server = await startServer((socket) => socket.once("data", () => socket.end()));
  const [dead] = await freePorts(1);
  try {
    const endpoints = `--endpoints=127.0.0.1:${dead},127.0.0.1:${server.port}`;
    for (const command of [["clean", "--prefix=x/"], ["memory", "--of=watchers"], ["doctor"]]) {
      const { code, stderr } = await bench([...command, endpoints]);
      assert.is(code, EXIT.unreachable, stderr);
      assert.match(
        stderr,
        new RegExp(
          `--endpoints 127.0.0.1:${dead}: nothing listens there.*; ` +
            `--endpoints 127.0.0.1:${server.port}: it closes the connection at once: it may want TLS`,
        ),
      );
    }
  } finally {
    await server.close();
  }
});

test("clean says of an etcd without a quorum that its keys could not be read, and to look for its leader", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 3 });
  try {
    for (const name of ["etcd2", "etcd3"]) await cluster.kill(name);
    const at = `--endpoints=${cluster.endpoints[0]}`;
    const { code, stdout, stderr } = await bench(["clean", "--prefix=x/", at]);
    assert.is(code, EXIT.unreachable, stderr);
    assert.is(stdout, "");
    assert.match(
      stderr,
      /the keys of earlier runs could not be read.*check that etcd is up and has a leader/,
    );
  } finally {
    await cluster.down();
  }
});

test("an error about TLS, a file or an endpoint names the variable or the place that gave it", async () => {
  const server = await startServer((socket) => socket.once("data", () => socket.end()));
  const cwd = await mkdtemp(join(tmpdir(), "bench-origins-"));
  try {
    const target = `127.0.0.1:${server.port}`;
    await writeFile(join(cwd, "own.yaml"), `endpoints: ${target}\ntls-server-name: name\n`);
    const put = ["put", "--total=10", `--endpoints=${target}`];
    for (const [args, env, words] of [
      [put, { BENCH_TLS_SERVER_NAME: "x" }, /leave out --tls-server-name \(from BENCH_TLS_SERV/],
      [put, { ETCDCTL_CACERT: "/nope.pem" }, /--cacert \(from ETCDCTL_CACERT\): \/nope\.pem/],
      [["put", "--config=own.yaml"], {}, /--tls-server-name \(from own\.yaml:2:18\)/],
      [["put", "--total=10"], { ETCDCTL_ENDPOINTS: target }, /--endpoints \(from ETCDCTL_ENDP/],
      [
        ["memory"],
        { BENCH_ENDPOINTS: target },
        /--endpoints \(from BENCH_ENDPOINTS\) \S+: it closes/,
      ],
    ] as const) {
      const { code, stderr } = await bench([...args], { cwd, env });
      assert.ok(code === EXIT.unreachable || code === EXIT.usage, stderr);
      assert.match(stderr, words);
    }
  } finally {
    await server.close();
    await rm(cwd, { recursive: true });
  }
});

test.run();
