/** N agents of M workers send what one machine of N times M workers sends, and record the same. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { agentOf, dealtToAgents } from "../../../src/agents/agent-shares.ts";
import { GroupKey, Opener, Sealer } from "../../../src/agents/envelope.ts";
import { newGroupSecret } from "../../../src/agents/join-file.ts";
import type { RecordedMessage } from "../../../src/load/messages.ts";
import { ConstantArrivals } from "../../../src/load/pacing/arrivals.ts";
import { Recorder } from "../../../src/load/recording/recorder.ts";
import type { KeySpace } from "../../../src/plan/key-space.ts";
import {
  DealtSequence,
  dealtCount,
  splitLoad,
  type WorkerShare,
  workersOf,
} from "../../../src/plan/shares.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { loadsOf } from "../../../src/workloads/loads.ts";
import type { PutSpec } from "../../../src/workloads/put/load.ts";
import { cases } from "../../harness/whole-run.ts";

await initHistograms();

const RATE = 977;
const MOST_AGENTS = 50;
const KEYS: KeySpace = {
  ...{ keySizeBytes: 8, keySpaceSize: 1_000, sequential: true, popularity: "uniform" },
  ...{ prefix: "", encoding: "fixed" },
};
const PUT: PutSpec = {
  series: ["put"],
  kind: "put",
  put: { kind: "put", keys: KEYS, valSizeBytes: 8, valueSize: null },
};

/** More clients than workers, with any remainder, and at least one connection for each worker. */
const shapes = fc
  .record({
    agents: fc.integer({ min: 1, max: MOST_AGENTS }),
    workers: fc.integer({ min: 1, max: 4 }),
    moreConnections: fc.integer({ min: 0, max: 30 }),
    moreClients: fc.integer({ min: 0, max: 60 }),
  })
  .map(({ agents, workers, moreConnections, moreClients }) => {
    const connections = agents * workers + moreConnections;
    return { agents, workers, connections, clients: connections + moreClients };
  });
/** Some totals are smaller than the number of workers. */
const oddTotals = fc.integer({ min: 0, max: 250 }).map((half) => 2 * half + 1);

function sharesByAgent(shape: { agents: number } & Parameters<typeof splitLoad>[0]) {
  const shares = splitLoad(shape, ["a:1", "b:2"]);
  return dealtToAgents(shares, shape.agents);
}

/** A worker's part of a total: the number of each request, and its due time. */
function requestsOf(share: WorkerShare, total: number): [request: number, dueNs: number][] {
  const sequence = new DealtSequence(share);
  const arrivals = new ConstantArrivals(0, RATE, share);
  return Array.from({ length: dealtCount(total, share) }, () => {
    const request = sequence.next();
    const { dueNs } = arrivals;
    arrivals.advance();
    return [request, dueNs];
  });
}

test("slot k of the schedule goes to agent k modulo agents where connections divide evenly", () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 3 }), (shape, times) => {
      const connections = shape.agents * shape.workers * times;
      const even = { ...shape, connections, clients: connections };
      sharesByAgent(even).forEach((shares, agent) => {
        for (const { clientNumbers } of shares) {
          for (const number of clientNumbers) assert.is(agentOf(number, shape.agents), agent);
        }
      });
    }),
  );
});

test("every agent gets the same number of workers, and each worker belongs to one agent", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const dealt = sharesByAgent(shape);
      assert.ok(dealt.every(({ length }) => length === shape.workers));
      const workers = dealt.flat().map(({ workerIndex }) => workerIndex);
      assert.equal(
        workers.sort((a, b) => a - b),
        Array.from({ length: workersOf(shape) }, (_, worker) => worker),
      );
    }),
  );
});

test("agents send every request of a total once, at its due time on one machine", () => {
  fc.assert(
    fc.property(shapes, oddTotals, (shape, total) => {
      const sent = sharesByAgent(shape)
        .flat()
        .flatMap((share) => requestsOf(share, total))
        .sort(([one], [other]) => one - other);
      const { connections, clients } = shape;
      const [alone] = splitLoad({ connections, clients, workers: 1 }, ["a:1", "b:2"]);
      assert.equal(sent, requestsOf(alone!, total));
    }),
  );
});

test("agents write the same keys as one machine", async () => {
  const load = (await loadsOf([PUT])).of(PUT);
  const keysOf = (share: WorkerShare, total: number) =>
    [...load.writtenKeys!(PUT, share, 1, [dealtCount(total, share)])].map((key) =>
      key.toString("hex"),
    );
  fc.assert(
    fc.property(shapes, oddTotals, (shape, total) => {
      const { connections, clients } = shape;
      const [alone] = splitLoad({ connections, clients, workers: 1 }, ["a:1"]);
      const byAgents = sharesByAgent(shape)
        .flat()
        .flatMap((share) => keysOf(share, total));
      assert.equal(byAgents.sort(), keysOf(alone!, total).sort());
    }),
    { numRuns: cases(25) },
  );
});

test("frames of agents merge to the histogram of one machine, bucket for bucket", () => {
  const key = new GroupKey(newGroupSecret());
  /** The latency of a request; latencies spread over all magnitudes. */
  const latencyNs = (request: number) => 1_000 + ((request * 2_654_435_761) % 1e10);
  const recordOf = (requests: readonly [number, number][]) => {
    const recorder = new Recorder();
    for (const [request] of requests) recorder.succeeded(latencyNs(request));
    return recorder.takeSnapshot();
  };
  fc.assert(
    fc.property(shapes, oddTotals, (shape, total) => {
      const merged = new LatencyHistogram();
      const alone = new LatencyHistogram();
      sharesByAgent(shape).forEach((shares, agent) => {
        const place = `up/${agent}`;
        const [sealer, opener] = [new Sealer(key, place), new Opener(key, place)];
        for (const share of shares) {
          const sent: RecordedMessage = {
            ...{ type: "recorded", recorded: recordOf(requestsOf(share, total)) },
          };
          for (const chunk of sealer.chunksOf(sent)) {
            const { recorded } = opener.take(chunk)!.message as RecordedMessage;
            if (recorded.serviceTime !== null) merged.addEncoded(recorded.serviceTime);
          }
        }
      });
      const { connections, clients } = shape;
      const [one] = splitLoad({ connections, clients, workers: 1 }, ["a:1"]);
      alone.addEncoded(recordOf(requestsOf(one!, total)).serviceTime!);
      assert.is(merged.count, total);
      assert.is(merged.toBase64(), alone.toBase64());
      merged.destroy();
      alone.destroy();
    }),
    { numRuns: cases(25) },
  );
});

test.run();
