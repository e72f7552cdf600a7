/** Compares unavailability windows with two clocks: of a blackholing proxy and of the server. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startFakeEtcd } from "../../../../src/fake-etcd/server.ts";
import { FaultProxy } from "../../../../src/proxy/fault-proxy.ts";
import { DIRECTIONS } from "../../../../src/proxy/network-fault.ts";
import { until } from "../../../harness/conditions.ts";
import { patient } from "../../../harness/patience.ts";
import { measuredAt } from "./measured-at.ts";

const BLACKHOLE_MS = 2_000;
const PUTS_BEFORE = 300;
/** How often a put waits for a thread: to the server and back, and for a new connection. */
const WAITS = 30;
const IDLE_TRANSIT_MS = 50;

/** Blackholes both directions, and returns how long that took by the proxy's clock, in ms. */
async function blackhole(proxy: FaultProxy): Promise<number> {
  const startMs = performance.now();
  for (const direction of DIRECTIONS) proxy.set(direction, { kind: "blackhole" });
  await delay(BLACKHOLE_MS);
  for (const direction of DIRECTIONS) proxy.clear(direction);
  return performance.now() - startMs;
}

test("a blackhole of 2 s is a window of that length at 1,000 requests a second", async () => {
  // Reads warm the connections, so the first put belongs to the measured phase.
  const arrivedMs: number[] = [];
  const applies = () => {
    arrivedMs.push(performance.now());
    return 1;
  };
  const server = await startFakeEtcd(null, { applies });
  const proxy = await FaultProxy.listen({
    ...{ from: "127.0.0.1:0", to: `127.0.0.1:${server.port}` },
  });
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  try {
    server.begin(true);
    const run = measuredAt(`127.0.0.1:${proxy.port}`, {
      ...{ workload: "put", duration: `${BLACKHOLE_MS + patient(1_000)}ms` },
      // Requests sent into the blackhole fail when it ends, and late ones are not errors.
      ...{ timeout: "10s", slow: "10s", clients: "4000" },
    });
    await until("puts are answered", () => arrivedMs.length > PUTS_BEFORE, 1);
    const blackholeMs = await blackhole(proxy);
    const { availability } = await run;
    const { groups, spacingMs } = availability!;
    assert.equal([groups.length, spacingMs], [1, 1]);
    const [window, ...others] = groups[0]!.windows;
    const shown = JSON.stringify({ blackholeMs, windows: groups[0]!.windows });
    assert.equal([others.length, window?.isOpen], [0, false], shown);
    const lengthMs = window!.endMs - window!.startMs;
    const gapMs = Math.max(...arrivedMs.slice(1).map((ms, at) => ms - arrivedMs[at]!));
    assert.ok(lengthMs >= blackholeMs - spacingMs, shown);
    const transitMs = IDLE_TRANSIT_MS + (WAITS * delays.max) / 1e6;
    const seen = `${shown}, at the server ${gapMs} ms, transit within ${transitMs} ms`;
    assert.ok(Math.abs(lengthMs - gapMs) <= transitMs, seen);
  } finally {
    delays.disable();
    await proxy.close();
    await server.close();
  }
});

test.run();
