/** Puts that the fake etcd answers after a delay that it records. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PUT_PATH, RANGE_PATH } from "../../../../src/fake-etcd/kv/service.ts";
import { startFakeEtcd } from "../../../../src/fake-etcd/server.ts";
import { initHistograms, LatencyHistogram } from "../../../../src/stats/histogram.ts";
import { serializeFrame } from "../../../peers/wire-peer-frames.ts";
import { preface, RawClient, requestData, requestHeaders } from "../raw-client.ts";

test("delayed puts are answered after their delay, which is recorded, and ranges at once", async () => {
  await initHistograms();
  // With sigma 0 every delay is 2 + 1 ms.
  const server = await startFakeEtcd({
    seed: 1,
    leastMs: 2,
    medianMs: 1,
    sigma: 0,
    mostMs: 100,
  });
  const client = await RawClient.connect(server.port);
  try {
    const ids = Array.from({ length: 200 }, (_, at) => 2 * at + 1);
    const sentNs = process.hrtime.bigint();
    client.send(
      preface(),
      ...ids.map((id) => Buffer.concat([requestHeaders(id, PUT_PATH), requestData(id)])),
      requestHeaders(1_001, RANGE_PATH),
      requestData(1_001),
    );
    await client.until("all answers", () => client.endedStreams.length === ids.length + 1);
    const elapsedMs = Number(process.hrtime.bigint() - sentNs) / 1e6;
    assert.is(client.endedStreams[0], 1_001);
    const delays = new LatencyHistogram();
    delays.addEncoded(server.takeDelays()!);
    assert.is(delays.count, ids.length);
    // No delay is too short, within a histogram bucket, or longer than the time measured here.
    assert.ok(delays.minNs >= 2.99e6, `${delays.minNs}`);
    assert.ok(delays.maxNs <= elapsedMs * 1.001e6, `${delays.maxNs} of ${elapsedMs} ms`);
    delays.destroy();
    const none = new LatencyHistogram();
    none.addEncoded(server.takeDelays()!);
    assert.is(none.count, 0);
    none.destroy();
  } finally {
    client.close();
    await server.close();
  }
});

test("a delayed put that is cancelled is neither answered nor recorded", async () => {
  const server = await startFakeEtcd({
    seed: 1,
    leastMs: 30,
    medianMs: 1,
    sigma: 0,
    mostMs: 100,
  });
  const client = await RawClient.connect(server.port);
  try {
    client.send(
      preface(),
      requestHeaders(1, PUT_PATH),
      requestData(1),
      serializeFrame("RST_STREAM", 0, 1, Buffer.alloc(4)),
      requestHeaders(3, PUT_PATH),
      requestData(3),
    );
    await client.until("the second answer", () => client.endedStreams.includes(3));
    assert.equal(client.endedStreams, [3]);
    assert.is(server.answered, 1);
  } finally {
    client.close();
    await server.close();
  }
});

test.run();
