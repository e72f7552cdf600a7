/** Receivers of streamed metrics: how they send frames. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { splitOutputs } from "../../../src/cli/measure/streams.ts";
import { readStreamOutput } from "../../../src/flags/stream.ts";
import { RECEIVERS } from "../../../src/stream/receivers.ts";
import { forgetSecrets } from "../../../src/text/secrets.ts";
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

test("what a receiver answers is repeated without the values of the query, also where it is cut short", async () => {
  const padding = "x ".repeat(85);
  const server = http.createServer(({ url }, response) => {
    response.writeHead(401).end(`no such key: tokTHREEx in ${url}, ${padding} ${url}`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  try {
    const { port } = server.address() as AddressInfo;
    const { receivers } = splitOutputs([`otlp=http://127.0.0.1:${port}/v1?api_key=tokTHREEx`]);
    const receiver = RECEIVERS.otlp.open({ url: receivers[0]!.url, tool: TOOL, say() {} });
    const frame = { families: [], unixMs: 1, startUnixMs: 1 };
    const error = await receiver.deliver(frame, AbortSignal.timeout(60_000)).then(
      () => null,
      (reason: Error) => reason,
    );
    assert.match(
      error!.message,
      /^HTTP status 401: no such key: \*\*\* in \/v1\?api_key=\*\*\*, x x/,
    );
    assert.not.match(error!.message, "tok");
    assert.ok(error!.message.length <= 220);
  } finally {
    server.close();
    forgetSecrets();
  }
});

test.run();
