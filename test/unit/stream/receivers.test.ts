/** Receivers of streamed metrics: what they load, and when. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";

const RECEIVERS = new URL("../../../src/stream/receivers.js", import.meta.url);

test("a frame is sent without Node's fetch, whose parser would be compiled within the run", async () => {
  const script = `
    const isLoaded = () => process.moduleLoadList.includes("NativeModule internal/deps/undici/undici");
    const { RECEIVERS } = await import(${JSON.stringify(RECEIVERS.href)});
    const tool = { name: "etcd-bench", version: "1" };
    const receiver = RECEIVERS[process.argv[1]].open({ url: new URL("http://127.0.0.1:1"), tool, say() {} });
    const frame = { families: [], unixMs: 1, startUnixMs: 1 };
    const reason = await receiver.deliver(frame, AbortSignal.timeout(20_000)).catch(({ code }) => code);
    console.log(reason, isLoaded());`;
  for (const name of ["prometheus-rw", "otlp"]) {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", script, name],
      { timeout: 60_000 },
    );
    assert.is(stdout, "ECONNREFUSED false\n", name);
  }
});

test.run();
