/** Runs `bench proxy` as a process: several pairs, faults over HTTP, the end, and invalid flags. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { BenchProcess, bench } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { BytePeer, connectEnd } from "../peers/byte-peer.ts";

test("two pairs forward in one process, have separate faults, and end on a signal", async () => {
  const peer = await BytePeer.echo();
  const [from1, api1, from2, api2] = (await freePorts(4)) as [number, number, number, number];
  const proxy = new BenchProcess([
    ...["proxy", "--from", `localhost:${from1}`, "--to", peer.endpoint],
    ...["--http-port", `${api1}`, "--from", `127.0.0.1:${from2}`, "--to", peer.endpoint],
    ...["--http-port", `${api2}`, "--verbose"],
  ]);
  try {
    const answerOf = async (port: number) =>
      (await fetch(`http://127.0.0.1:${port}/`).catch(() => null))?.text() ?? null;
    const where = await until("the second API answers", () => answerOf(api2));
    assert.is(where, `proxying [tcp://127.0.0.1:${from2} -> tcp://${peer.endpoint}]\n`);
    await fetch(`http://127.0.0.1:${api1}/loss-tx`, { method: "PUT" });
    await connectEnd(from1).isReset();
    const client = connectEnd(from2);
    client.socket.write("hello");
    await client.receives("hello");
    proxy.signal("SIGTERM");
    const { code, stdout, stderr } = await proxy.ended;
    assert.is(code, 0, stderr);
    assert.match(stdout, /^proxying \[.*\], API at http:\/\/localhost:\d+$/m);
    assert.match(stderr, /^\S+Z \[localhost:\d+ -> .*\] PUT \/loss-tx: added send loss/m);
    await client.isReset();
  } finally {
    proxy.signal("SIGKILL");
    peer.close();
  }
});

test("incomplete pairs and ports in use are errors with the fix", async () => {
  const uneven = await bench(["proxy", "--from=:1", "--from=:2", "--to=:3"]);
  assert.is(uneven.code, 2);
  assert.match(
    uneven.stderr,
    /^bench: --to is given 1 times .*; give --from, --to and --http-port/m,
  );
  const wrong = await bench(["proxy", "--from=http://localhost:1"]);
  assert.match(wrong.stderr, /^bench: --from: .* is not an address \(host:port\)/m);
  const peer = await BytePeer.start();
  const inUse = await bench(["proxy", `--from=${peer.endpoint}`, "--to=127.0.0.1:1"]);
  peer.close();
  assert.is(inUse.code, 2);
  assert.match(inUse.stderr, /^bench: --from=127\.0\.0\.1:\d+: the port is in use; /m);
});

test.run();
