/** Receivers of streamed metrics: how they send frames. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readStreamOutput } from "../../../src/flags/stream.ts";
import { RECEIVERS } from "../../../src/stream/receivers.ts";
import { MetricsReceiver } from "../../peers/metrics-receiver.ts";

const TOOL = { name: "etcd-bench", version: "1" };

test("a frame is sent without Node's fetch, whose parser would be compiled during the run", async () => {
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.reject(new Error("fetch was called"));
  const server = await MetricsReceiver.start();
  try {
    for (const output of ["prometheus-rw", "otlp"]) {
      const { name, url } = readStreamOutput(`${output}=http://127.0.0.1:${server.port}`)!;
      const receiver = RECEIVERS[name].open({ url, tool: TOOL, say() {} });
      const frame = { families: [], unixMs: 1, startUnixMs: 1 };
      await receiver.deliver(frame, AbortSignal.timeout(60_000));
    }
    assert.is(server.frames.length, 2);
  } finally {
    globalThis.fetch = fetch;
    server.stop();
  }
});

test.run();
