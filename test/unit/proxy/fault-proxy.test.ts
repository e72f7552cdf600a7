/** The fault proxy: forwarding, delays, pauses and resets. */
import * as assert from "uvu/assert";
import type { FaultProxy } from "../../../src/proxy/fault-proxy.ts";
import type { FaultDirection } from "../../../src/proxy/network-fault.ts";
import { until } from "../../harness/conditions.ts";
import { patient } from "../../harness/patience.ts";

import { opened, proxiedSuite } from "./proxied-echo.ts";

const test = proxiedSuite("fault proxy");

/** Waits until the proxy has read this many bytes. */
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

test("a client that reads late gets every byte of a fast target unchanged", async (context) => {
  const { open, peer, proxy } = context;
  const client = open();
  await until("the connection is there", () => peer.ends.length === 1);
  client.socket.pause();
  const sent = Buffer.alloc(24_000_000);
  for (let at = 0; at < sent.length; at += 4) sent.writeUInt32LE(at, at);
  peer.ends[0]!.socket.write(sent);
  const read = () => proxy.counts.traffic.rx.readBytes;
  await until("the proxy has more than it may pass on", () => read() > 1_000_000);
  client.socket.resume();
  await until("all arrives", () => client.receivedBytes === sent.length);
  assert.ok(Buffer.concat(client.parts).equals(sent));
  proxy.set("rx", { kind: "delay", latencyMs: 5, jitterMs: 5 });
  peer.ends[0]!.socket.write(sent);
  await until("all arrives late", () => client.receivedBytes === 2 * sent.length);
  assert.ok(Buffer.concat(client.parts).subarray(sent.length).equals(sent));
});

test("an end is passed on in its direction only: the other direction stays open", async ({
  peer,
  open,
}) => {
  const client = open();
  client.socket.write("a");
  // Bytes that arrive after the echo is removed would hold back the end.
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

test("a delay holds each chunk for the same time, and does not add up over chunks", async (context) => {
  const client = await opened(context);
  const latencyMs = 1_000;
  context.proxy.set("tx", { kind: "delay", latencyMs, jitterMs: 0 });
  const began = performance.now();
  // Each chunk is read separately: a proxy that sleeps for each would take 20 times as long.
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

test("with jitter each chunk has its own random delay, and no chunk overtakes another", async (context) => {
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

test("bytes held by a delay leave at once when the delay is cleared", async (context) => {
  const client = await opened(context);
  context.proxy.set("tx", { kind: "delay", latencyMs: 3_600_000, jitterMs: 0 });
  client.socket.write("held");
  await hasRead(context.proxy, "tx", 9);
  assert.ok(context.proxy.waitingBytes("tx") > 0);
  context.proxy.clear("tx", "delay");
  await client.receives("held");
  assert.is(context.proxy.waitingBytes("tx"), 0);
});

test("a delay holds a bounded number of bytes: reading stops", async (context) => {
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

test("a pause stops reading, a second pause changes nothing, and no byte is lost", async (context) => {
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

test.run();
