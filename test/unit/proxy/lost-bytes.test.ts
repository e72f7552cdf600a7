/** Faults of the proxy that drop bytes, limit their rate or cut connections, and their ends. */
import * as assert from "uvu/assert";
import { FaultProxy } from "../../../src/proxy/fault-proxy.ts";
import type { NetworkFault } from "../../../src/proxy/network-fault.ts";
import { until } from "../../harness/conditions.ts";
import { patient } from "../../harness/patience.ts";
import { connectEnd } from "../../peers/byte-peer.ts";
import { opened, proxiedSuite } from "./proxied-echo.ts";

const test = proxiedSuite("fault proxy");

function setBoth(proxy: FaultProxy, fault: NetworkFault): void {
  for (const direction of ["tx", "rx"] as const) proxy.set(direction, fault);
}

test("a blackhole drops bytes, and at its end cuts the connections that lost some", async (context) => {
  const { proxy } = context;
  const [used, idle] = [await opened(context), await opened(context)];
  proxy.set("tx", { kind: "blackhole" });
  used.socket.write("gone");
  await until("the bytes are dropped", () => proxy.counts.traffic.tx.droppedBytes === 4);
  assert.is(used.failed, "");
  proxy.clear("tx", "blackhole");
  await used.isReset();
  await context.peer.ends[0]!.isReset();
  idle.socket.write("still here");
  await idle.receives("still here");
  assert.is(proxy.counts.cut, 1);
});

test("an end is lost in a blackhole, too: the target gets a reset when the blackhole is over", async (context) => {
  const client = await opened(context);
  setBoth(context.proxy, { kind: "blackhole" });
  client.socket.destroy();
  const after = context.open();
  after.socket.write("x");
  await until("a later byte is dropped", () => context.proxy.counts.traffic.tx.droppedBytes === 1);
  const [server] = context.peer.ends;
  assert.not.ok(server!.hasEnded || server!.failed !== "");
  for (const direction of ["tx", "rx"] as const) context.proxy.clear(direction);
  await server!.isReset();
});

test("a bandwidth holds over time, and does not read ahead", async (context) => {
  const client = await opened(context);
  const bytesPerSecond = 1_000_000;
  context.proxy.set("tx", { kind: "bandwidth", bytesPerSecond });
  const began = performance.now();
  client.socket.write(Buffer.alloc(500_000));
  await until("all of it arrives", () => client.receivedBytes === 500_005);
  const tookMs = performance.now() - began;
  // The first piece is sent at once, and the test does not wait after the last one.
  assert.ok(tookMs > 440, `${tookMs} ms`);
  assert.ok(tookMs < patient(3_000), `${tookMs} ms`);
});

test("a slice sends pieces of at most the given size, one after the other", async (context) => {
  const client = await opened(context);
  const [server] = context.peer.ends;
  const before = server!.parts.length;
  context.proxy.set("tx", { kind: "slice", bytes: 10, delayMs: 5 });
  client.socket.write("x".repeat(95));
  await client.receives("x".repeat(95));
  const pieces = server!.parts.slice(before);
  assert.ok(pieces.length >= 3, `${pieces.length} pieces`);
});

test("a loss refuses new connections only", async (context) => {
  const client = await opened(context);
  setBoth(context.proxy, { kind: "loss" });
  await context.open().isReset();
  client.socket.write("goes on");
  await client.receives("goes on");
  assert.equal([context.proxy.counts.refused, context.peer.ends.length], [1, 1]);
});

test("a share of connections is the same share in both directions", async (context) => {
  const draws = [0.1, 0.6, 0.2, 0.9];
  const proxy = await FaultProxy.listen({
    ...{ from: "127.0.0.1:0", to: context.peer.endpoint },
    random: () => draws.shift() ?? 1,
  });
  setBoth(proxy, { kind: "loss", probability: 0.5 });
  const clients = Array.from({ length: 4 }, () => connectEnd(proxy.port));
  await until("four connections", () => proxy.counts.accepted === 4);
  assert.is(proxy.counts.refused, 2);
  for (const { socket } of clients) socket.destroy();
  await proxy.close();
});

test("a reset cuts existing and new connections", async (context) => {
  const client = await opened(context);
  context.proxy.set("rx", { kind: "reset" });
  await client.isReset();
  await context.peer.ends[0]!.isReset();
  await context.open().isReset();
  context.proxy.clear("rx", "reset");
  await opened(context);
});

test("a half-open connection holds back its end until the fault is cleared", async (context) => {
  const client = await opened(context);
  context.proxy.set("tx", { kind: "half-open" });
  client.socket.end("last words");
  await client.receives("last words");
  const [server] = context.peer.ends;
  assert.not.ok(server!.hasEnded);
  context.proxy.clear("tx");
  await until("the end arrives", () => server!.hasEnded);
});

test("a slow close passes bytes at once and the end later", async (context) => {
  const client = await opened(context);
  context.proxy.set("tx", { kind: "slow-close", delayMs: 300 });
  const began = performance.now();
  client.socket.end("last words");
  await client.receives("last words");
  const [server] = context.peer.ends;
  await until("the end arrives", () => server!.hasEnded);
  assert.ok(performance.now() - began >= 299);
});

test("a fault for an opening affects only the connections that began with it", async (context) => {
  context.proxy.set("tx", { kind: "blackhole", opening: ["X-Server-From: 2a\r\n"] });
  const [concerned, other] = [context.open(), context.open()];
  other.socket.write("GET / HTTP/1.1\r\nX-Server-From: 2b\r\n\r\n");
  await other.receives("2b");
  concerned.socket.write("GET / HTTP/1.1\r\nX-Server-From: 2a\r\n\r\n");
  await until("it is dropped", () => context.proxy.counts.traffic.tx.droppedBytes > 0);
  assert.is(concerned.text, "");
});

test("a closed proxy cuts its connections and frees its port", async (context) => {
  const client = await opened(context);
  const { port } = context.proxy;
  await context.proxy.close();
  await client.isReset();
  const again = await FaultProxy.listen({ from: `127.0.0.1:${port}`, to: context.peer.endpoint });
  await again.close();
});

test.run();
