/** The documented curl lines of etcd-proxy one by one, its errors, and how hostile clients fare. */
import { connect } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { freePorts } from "../../../src/etcd/local-cluster/ports.ts";
import { type ControlApi, serveControlApi } from "../../../src/proxy/control-api.ts";
import { FaultProxy } from "../../../src/proxy/fault-proxy.ts";
import type { NetworkFault } from "../../../src/proxy/network-fault.ts";
import { ProxyClient } from "../../../src/proxy/proxy-client.ts";
import { until } from "../../harness/conditions.ts";
import { before } from "../../harness/hooks.ts";
import { ByteEnd, BytePeer, connectEnd } from "../../peers/byte-peer.ts";

interface Context {
  peer: BytePeer;
  proxy: FaultProxy;
  api: ControlApi;
}

const test = suite<Context>("control API");

before(test, async (context) => {
  context.peer = await BytePeer.echo();
  const to = context.peer.endpoint.replace("127.0.0.1", "localhost");
  const [port] = await freePorts(1);
  context.proxy = await FaultProxy.listen({ from: `localhost:${port}`, to });
  context.api = await serveControlApi(context.proxy, { host: "localhost", port: 0 });
});

test.after(async ({ peer, proxy, api }) => {
  await api.close();
  await proxy.close();
  peer.close();
});

/** Sends the request of a documented command line: `curl -L URL -X METHOD -d BODY`. */
async function curl(line: string, { api }: Context): Promise<string> {
  const [, path, , method = "GET", , body] =
    /^curl -L http:\/\/localhost:2378(\S+)( -X (\w+))?( -d "([^"]*)")?$/.exec(line)!;
  const response = await fetch(`http://localhost:${api.port}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body, headers: { "Content-Type": "application/x-www-form-urlencoded" } }),
  });
  assert.is(response.status, 200);
  return response.text();
}

/** The answer with the addresses of the documentation. */
async function documented(line: string, context: Context): Promise<string> {
  const { from, to } = context.proxy;
  const answer = await curl(line, context);
  return answer.replaceAll(from, "localhost:23790").replaceAll(to, "localhost:2379");
}

const PLACES = "tcp://localhost:23790 -> tcp://localhost:2379";
const BACK = "tcp://localhost:23790 <- tcp://localhost:2379";

const DOCUMENTED: readonly (readonly [line: string, answer: RegExp | string])[] = [
  [
    `curl -L http://localhost:2378/delay-tx -X PUT -d "latency=5s&random-variable=100ms"`,
    /^added send latency 5s±100ms \(current latency (4\.9|5\.0|5\.1|5)\d*s\)\n$/,
  ],
  ["curl -L http://localhost:2378/delay-tx", /^current send latency (4\.9|5\.0|5\.1|5)\d*s\n$/],
  [
    "curl -L http://localhost:2378/delay-tx -X DELETE",
    /^removed latency (4\.9|5\.0|5\.1|5)\d*s\n$/,
  ],
  ["curl -L http://localhost:2378/delay-tx", "current send latency 0s\n"],
  ["curl -L http://localhost:2378/pause-tx -X PUT", `paused forwarding [${PLACES}]\n`],
  ["curl -L http://localhost:2378/pause-tx -X DELETE", `unpaused forwarding [${PLACES}]\n`],
  [
    "curl -L http://localhost:2378/blackhole-tx -X PUT",
    `blackholed; dropping packets [${PLACES}]\n`,
  ],
  [
    "curl -L http://localhost:2378/blackhole-tx -X DELETE",
    `unblackholed; restart forwarding [${PLACES}]\n`,
  ],
];

const FURTHER: readonly (readonly [line: string, answer: RegExp | string])[] = [
  ["curl -L http://localhost:2378/", `proxying [${PLACES}]\n`],
  ["curl -L http://localhost:2378/none -X PUT", `proxying [${PLACES}]\n`],
  [
    `curl -L http://localhost:2378/delay-rx -X POST -d "latency=1ms&random-variable=0"`,
    "added receive latency 1ms±0s (current latency 1ms)\n",
  ],
  ["curl -L http://localhost:2378/delay-rx", "current receive latency 1ms\n"],
  [
    `curl -L http://localhost:2378/delay-rx -X PUT -d "latency=-1s&random-variable=1s"`,
    "added receive latency -1s±1s (current latency 1ms)\n",
  ],
  ["curl -L http://localhost:2378/delay-rx -X DELETE", "removed latency 1ms\n"],
  ["curl -L http://localhost:2378/delay-rx -X DELETE", "removed latency 0s\n"],
  ["curl -L http://localhost:2378/pause-rx -X POST", `paused forwarding [${BACK}]\n`],
  ["curl -L http://localhost:2378/pause-rx -X PUT", `paused forwarding [${BACK}]\n`],
  ["curl -L http://localhost:2378/pause-rx -X DELETE", `unpaused forwarding [${BACK}]\n`],
  [
    "curl -L http://localhost:2378/blackhole-rx -X POST",
    `blackholed; dropping packets [${BACK}]\n`,
  ],
  [
    "curl -L http://localhost:2378/blackhole-rx -X DELETE",
    `unblackholed; restart forwarding [${BACK}]\n`,
  ],
  ["curl -L http://localhost:2378/pause-tx", 'unsupported method "GET"\n'],
  ["curl -L http://localhost:2378/blackhole-rx", 'unsupported method "GET"\n'],
  ["curl -L http://localhost:2378/delay-tx -X PATCH", 'unsupported method "PATCH"\n'],
  [
    `curl -L http://localhost:2378/delay-tx -X PUT -d "latency=%zz"`,
    'wrong form "invalid URL escape \\"%zz\\""\n',
  ],
  [
    "curl -L http://localhost:2378/delay-tx -X PUT",
    'wrong latency form "time: invalid duration \\"\\""\n',
  ],
  [
    `curl -L http://localhost:2378/delay-tx -X PUT -d "latency=5"`,
    'wrong latency form "time: missing unit in duration \\"5\\""\n',
  ],
  [
    `curl -L http://localhost:2378/delay-tx -X PUT -d "latency=5s"`,
    'wrong random-variable form "time: invalid duration \\"\\""\n',
  ],
  [
    `curl -L http://localhost:2378/bandwidth-tx -X PUT -d "bytes-per-second=1000"`,
    `added send bandwidth limit 1000 bytes/s [${PLACES}]\n`,
  ],
  ["curl -L http://localhost:2378/bandwidth-tx", "current send bandwidth limit: 1000 bytes/s\n"],
  [
    `curl -L http://localhost:2378/slice-tx -X PUT -d "bytes=10&delay=1ms&probability=0.5"`,
    `added send slicing 10 bytes every 1ms with probability 0.5 [${PLACES}]\n`,
  ],
  [
    "curl -L http://localhost:2378/faults-tx",
    "send bandwidth limit: 1000 bytes/s\nsend slicing: 10 bytes every 1ms with probability 0.5\n",
  ],
  [
    "curl -L http://localhost:2378/bandwidth-tx -X DELETE",
    `removed send bandwidth limit [${PLACES}]\n`,
  ],
  ["curl -L http://localhost:2378/bandwidth-tx", "current send bandwidth limit: none\n"],
  ["curl -L http://localhost:2378/faults-tx -X DELETE", `removed all send faults [${PLACES}]\n`],
  ["curl -L http://localhost:2378/faults-tx", `no send faults [${PLACES}]\n`],
  ["curl -L http://localhost:2378/faults-tx -X PUT", 'unsupported method "PUT"\n'],
  [
    `curl -L http://localhost:2378/bandwidth-tx -X PUT -d "bytes-per-second=0"`,
    'wrong bytes-per-second form "\\"0\\" is not a whole number of bytes from 1"\n',
  ],
  [
    `curl -L http://localhost:2378/reset-tx -X PUT -d "probability=1.5"`,
    'wrong probability form "\\"1.5\\" is not a number from 0 to 1"\n',
  ],
  [
    `curl -L http://localhost:2378/slow-close-rx -X PUT -d "delay=-1s"`,
    'wrong delay form "it is below 0"\n',
  ],
  [
    `curl -L http://localhost:2378/loss-rx -X PUT -d "opening=GET"`,
    'wrong opening form "a connection is refused before its first byte"\n',
  ],
];

for (const [line, answer] of [...DOCUMENTED, ...FURTHER]) {
  test(line, async (context) => {
    const text = await documented(line, context);
    if (typeof answer === "string") assert.is(text, answer);
    else assert.match(text, answer);
  });
}

test("the client sets and clears every kind of fault", async ({ proxy, api }) => {
  const client = new ProxyClient(api.port);
  const whom = { probability: 0.25, opening: ['X-Server-From: "2a"\r\n', "b&c=d;+%"] };
  const faults: NetworkFault[] = [
    { kind: "delay", latencyMs: 20, jitterMs: 0.5, ...whom },
    { kind: "pause", ...whom },
    { kind: "blackhole", ...whom },
    { kind: "bandwidth", bytesPerSecond: 1, ...whom },
    { kind: "loss", probability: 1 },
    { kind: "reset", ...whom },
    { kind: "slow-close", delayMs: 1, ...whom },
    { kind: "slice", bytes: 1, delayMs: 0, ...whom },
    { kind: "half-open", ...whom },
  ];
  for (const fault of faults) await client.set("rx", fault);
  assert.equal(proxy.faults("rx"), faults);
  await client.clear("rx", "delay");
  assert.equal(proxy.faults("rx"), faults.slice(1));
  await client.clear("rx");
  assert.equal([...proxy.faults("rx"), ...proxy.faults("tx")], []);
});

test("the client throws the text of a refusal, and an error where no proxy answers", async (context) => {
  const client = new ProxyClient(context.api.port);
  const failure = await client.set("tx", { kind: "bandwidth", bytesPerSecond: 0.5 }).catch(String);
  assert.match(String(failure), /refused \/bandwidth-tx: wrong bytes-per-second form/);
  const [port] = await freePorts(1);
  const gone = await new ProxyClient(port!).clear("tx").catch(String);
  assert.match(String(gone), /the fault proxy at port \d+ did not answer: .*ECONNREFUSED/);
});

test("metrics are Prometheus text, or OpenMetrics on request", async ({ proxy, api }) => {
  const client = connectEnd(proxy.port);
  client.socket.end("12345");
  await until("the echo ends", () => client.hasEnded);
  proxy.set("tx", { kind: "pause" });
  const url = `http://localhost:${api.port}/metrics`;
  const plain = await fetch(url);
  assert.is(plain.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const page = await plain.text();
  for (const line of [
    "# TYPE bench_proxy_bytes_total counter",
    'bench_proxy_bytes_total{direction="rx"} 5',
    "bench_proxy_accepted_connections_total 1",
    'bench_proxy_fault{direction="tx",kind="pause"} 1',
    'bench_proxy_fault{direction="rx",kind="pause"} 0',
  ]) {
    assert.ok(page.includes(`${line}\n`), `${line} in ${page}`);
  }
  proxy.clear("tx");
  const open = await fetch(url, { headers: { Accept: "application/openmetrics-text" } });
  assert.match(await open.text(), /\n# TYPE bench_proxy_bytes counter\n[\s\S]*\n# EOF\n$/);
});

test("a body larger than any form is refused in Go's words, and not stored", async ({ api }) => {
  const response = await fetch(`http://localhost:${api.port}/delay-tx`, {
    method: "PUT",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "x".repeat(100_000),
  });
  assert.is(await response.text(), 'wrong form "http: POST too large"\n');
});

test("a body that is not a form has no fields", async ({ api }) => {
  const response = await fetch(`http://localhost:${api.port}/delay-tx`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: '{"latency":"5s"}',
  });
  assert.match(await response.text(), /^wrong latency form /);
});

test("data that is not HTTP is answered with 400, and a client that disconnects causes no harm", async (context) => {
  const wrong = new ByteEnd(connect(context.api.port, "127.0.0.1"));
  wrong.socket.write("\u0000\u0001 nonsense\r\n\r\n");
  await wrong.receives("HTTP/1.1 400");
  const leaving = new ByteEnd(connect(context.api.port, "127.0.0.1"));
  leaving.socket.write(
    "PUT /delay-tx HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nlatency=5s",
    () => leaving.socket.resetAndDestroy(),
  );
  assert.match(await curl("curl -L http://localhost:2378/", context), /^proxying /);
  assert.equal(context.proxy.faults("tx"), []);
});

test("a client that sends its request too slowly is answered with 408", async ({ api }) => {
  const slow = new ByteEnd(connect(api.port, "127.0.0.1"));
  slow.socket.write("PUT /delay-tx HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nlat");
  await slow.receives("HTTP/1.1 408");
});

test.run();
