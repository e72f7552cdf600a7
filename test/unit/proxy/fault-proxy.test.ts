import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FaultProxy } from "../../../src/proxy/fault-proxy.ts";
import type { FaultDirection, NetworkFault } from "../../../src/proxy/network-fault.ts";
import { until } from "../../harness/conditions.ts";
import { patient } from "../../harness/patience.ts";
import { type ByteEnd, BytePeer, connectEnd } from "../../peers/byte-peer.ts";

interface Context {
  peer: BytePeer;
  proxy: FaultProxy;
  clients: ByteEnd[];
  open(): ByteEnd;
}

const test = suite<Context>("fault proxy");

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

/** A connection that has carried bytes both ways. */
async function opened({ open }: Context): Promise<ByteEnd> {
  const client = open();
  client.socket.write("hello");
  await client.receives("hello");
  return client;
}

function setBoth(proxy: FaultProxy, fault: NetworkFault): void {
  for (const direction of ["tx", "rx"] as const) proxy.set(direction, fault);
}

/** The proxy has read so many bytes. */
async function hasRead(proxy: FaultProxy, direction: FaultDirection, bytes: number): Promise<void> {
  const { traffic } = proxy.counts;
  await until(`${bytes} bytes of ${direction}`, () => traffic[direction].readBytes >= bytes);
}

test("bytes go both ways unchanged, and are counted", async (context) => {
  const { proxy, open } = context;
  const client = open();
  const period = Buffer.from(Array.from({ length: 251 }, (_, at) => (at * 31) % 251));
  const bytes = Buffer.alloc(3_000_000, period);
  client.socket.end(bytes);
  await until("the echo ends", () => client.hasEnded);
  assert.ok(Buffer.concat(client.parts).equals(bytes));
  const { accepted, traffic } = proxy.counts;
  assert.equal(
    [accepted, traffic.tx.readBytes, traffic.rx.readBytes],
    [1, bytes.length, bytes.length],
  );
  await until("the connection is forgotten", () => proxy.openConnections === 0);
});

test("an end is passed on by itself: the other direction stays open", async ({ peer, open }) => {
  const client = open();
  client.socket.write("a");
  // Bytes that came after the echo was taken off would hold back the end.
  await until("the target has the bytes", () => peer.ends[0]?.text === "a");
  const [server] = peer.ends;
  server!.socket.unpipe(server!.socket).resume();
  client.socket.end();
  await until("the end arrives", () => server!.hasEnded);
  server!.socket.write("after the end");
  await client.receives("after the end");
  assert.not.ok(client.hasEnded);
});

test("a reset of one end reaches the other", async (context) => {
  const client = await opened(context);
  client.socket.resetAndDestroy();
  await context.peer.ends[0]!.isReset();
});

test("a target that cannot be reached resets the client, and is counted", async (context) => {
  context.peer.close();
  await context.open().isReset();
  assert.is(context.proxy.counts.unreachable, 1);
});

test("a delay holds each chunk as long, and does not add up over chunks", async (context) => {
  const client = await opened(context);
  const latencyMs = 1_000;
  context.proxy.set("tx", { kind: "delay", latencyMs, jitterMs: 0 });
  const began = performance.now();
  // Each is read by itself: a proxy that sleeps for each would take 20 times as long.
  for (let chunk = 0; chunk < 20; chunk++) {
    client.socket.write(`chunk ${chunk};`);
    await hasRead(context.proxy, "tx", client.socket.bytesWritten);
  }
  await client.receives("chunk 19;");
  const tookMs = performance.now() - began;
  assert.ok(tookMs >= latencyMs, `${tookMs} ms`);
  assert.ok(tookMs < patient(6_000), `${tookMs} ms`);
  assert.is(client.text, `hello${Array.from({ length: 20 }, (_, at) => `chunk ${at};`).join("")}`);
});

test("with jitter each chunk draws a delay of its own, and none overtakes another", async (context) => {
  const client = await opened(context);
  context.proxy.set("rx", { kind: "delay", latencyMs: 20, jitterMs: 20 });
  const drawn = new Set<number>();
  for (let chunk = 0; chunk < 10; chunk++) {
    client.socket.write(`chunk ${chunk};`);
    await hasRead(context.proxy, "rx", client.socket.bytesWritten);
    drawn.add(context.proxy.counts.traffic.rx.latestDelayMs);
  }
  await client.receives("chunk 9;");
  assert.is(client.text, `hello${Array.from({ length: 10 }, (_, at) => `chunk ${at};`).join("")}`);
  assert.ok(drawn.size > 5);
  for (const ms of drawn) assert.ok(ms >= 0 && ms <= 40, `${ms} ms`);
});

test("what a delay holds leaves at once when the delay is cleared", async (context) => {
  const client = await opened(context);
  context.proxy.set("tx", { kind: "delay", latencyMs: 3_600_000, jitterMs: 0 });
  client.socket.write("held");
  await hasRead(context.proxy, "tx", 9);
  assert.ok(context.proxy.waitingBytes("tx") > 0);
  context.proxy.clear("tx", "delay");
  await client.receives("held");
  assert.is(context.proxy.waitingBytes("tx"), 0);
});

test("a delay holds a bounded amount: reading stops", async (context) => {
  const client = await opened(context);
  context.proxy.set("tx", { kind: "delay", latencyMs: 3_600_000, jitterMs: 0 });
  const bytes = Buffer.alloc(2 ** 20);
  for (let sent = 0; sent < 32; sent++) client.socket.write(bytes);
  const limit = 16 * 2 ** 20;
  await until("the line is full", () => context.proxy.waitingBytes("tx") >= limit);
  const { tx } = context.proxy.counts.traffic;
  let before = -1;
  await until("no more is read", () => {
    const isStill = tx.readBytes === before;
    before = tx.readBytes;
    return isStill;
  });
  assert.ok(tx.readBytes < limit + 2 ** 20, `${tx.readBytes} bytes`);
  context.proxy.clear("tx");
  await until("all of it arrives", () => client.receivedBytes === 32 * 2 ** 20 + 5);
});

test("a pause stops reading, pausing twice is one pause, and nothing is lost", async (context) => {
  const { proxy } = context;
  const client = await opened(context);
  proxy.set("tx", { kind: "pause" });
  proxy.set("tx", { kind: "pause" });
  const during = context.open();
  during.socket.write("during");
  client.socket.write("held");
  await until("the second is accepted", () => proxy.openConnections === 2);
  proxy.set("rx", { kind: "delay", latencyMs: 1, jitterMs: 0 });
  assert.ok(proxy.counts.traffic.tx.readBytes < 2 * 65_536);
  assert.is(client.text + during.text, "hello");
  proxy.clear("tx", "pause");
  await client.receives("held");
  await during.receives("during");
  assert.is(client.text, "helloheld");
});

test("a blackhole drops bytes, and cuts at its end the connections that lost some", async (context) => {
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

test("an end is lost in a blackhole, too: the target hears of it when it is over", async (context) => {
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
  // The first piece is free, and the last one is not waited for.
  assert.ok(tookMs > 440, `${tookMs} ms`);
  assert.ok(tookMs < patient(3_000), `${tookMs} ms`);
});

test("a slice sends pieces of at most so many bytes, one after the other", async (context) => {
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

test("a reset cuts the connections there are, and those that come", async (context) => {
  const client = await opened(context);
  context.proxy.set("rx", { kind: "reset" });
  await client.isReset();
  await context.peer.ends[0]!.isReset();
  await context.open().isReset();
  context.proxy.clear("rx", "reset");
  await opened(context);
});

test("a half-open connection keeps its end until the fault is cleared", async (context) => {
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

test("a fault for an opening concerns the connections that began with it", async (context) => {
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
