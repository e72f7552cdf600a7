/**
 * Checks the clock of the wire transport against that of grpc-js, on an etcd that neither keeps busy.
 * It compares times, so it runs when no other test does.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/target/local-cluster.ts";
import { measure, onlyOperation } from "../bench-process.ts";
import { etcdForTests } from "../real-etcd.ts";

let cluster: LocalCluster;

test.before(async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});

test.after(async () => {
  await cluster?.stop();
});

/** How far apart the medians may lie. */
const APART_MS = 0.15;
/** A neighbour on the machine only ever makes a median longer, so the least of several is compared. */
const ROUNDS = 6;
/** A spinning wire worker that sends this late was off its core, so its round tells of a neighbour. */
const DISTURBED_LAG_MS = 1;

test("at a low rate both transports measure the same service time", async () => {
  // A fortieth of what etcd serves, so that nothing queues. With one request in flight a client's own
  // work is part of the time that it measures: spinning and a warm-up keep the loop awake and the code
  // compiled, without which grpc-js alone spends more than the bound on a request.
  const load = ["--rate=2000", "--duration=1500ms", "--clients=5", "--warmup=4000"];
  const flags = ["range", `--endpoints=${cluster.endpoints[0]}`, ...load, "--pacing=spin"];
  const medianMs = async (transport: string) => {
    const { result } = await measure([...flags, `--transport=${transport}`]);
    const { requests, serviceTime } = onlyOperation(result);
    assert.is(result.client.transport, transport);
    assert.is(requests.offered, 3_000);
    return { p50Ms: serviceTime.p50Ms!, lagP99Ms: result.client.dispatchLagP99Ms };
  };
  const least = { wire: Infinity, grpcJs: Infinity };
  const seen: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const wire = await medianMs("wire");
    const grpcJs = await medianMs("grpc-js");
    seen.push(`wire ${wire.p50Ms} ms (lag ${wire.lagP99Ms} ms), grpc-js ${grpcJs.p50Ms} ms`);
    if (wire.lagP99Ms === null || wire.lagP99Ms > DISTURBED_LAG_MS) continue;
    least.wire = Math.min(least.wire, wire.p50Ms);
    least.grpcJs = Math.min(least.grpcJs, grpcJs.p50Ms);
    if (Math.abs(least.wire - least.grpcJs) <= APART_MS) return;
  }
  if (least.wire < Infinity) assert.unreachable(seen.join("; "));
  console.log(`skipped: service times of the transports: the machine is busy: ${seen.join("; ")}`);
});

test.run();
