/**
 * Workers that get their setup through the coordination etcd send what the workers of one machine
 * send: the same bytes in the same order at the same due times, for several kinds of loads.
 */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dealtToAgents } from "../../../src/agents/agent-shares.ts";
import { GroupKey, Opener, Sealer } from "../../../src/agents/envelope.ts";
import { newGroupSecret } from "../../../src/agents/join-file.ts";
import type { Command } from "../../../src/agents/protocol.ts";
import { movedCommand } from "../../../src/agents/times.ts";
import { type LoadContext, SharedParts } from "../../../src/load/load.ts";
import type { OperationSpec, PhaseCommand, WorkerSetup } from "../../../src/load/messages.ts";
import { arrivalsOf } from "../../../src/load/pacing/arrivals.ts";
import { RequestLog } from "../../../src/load/recording/request-log.ts";
import type { KeySpace } from "../../../src/plan/key-space.ts";
import { dealtCount, type LoadShape, splitLoad, workersOf } from "../../../src/plan/shares.ts";
import { loadsOf } from "../../../src/workloads/loads.ts";
import type { MixedSpec } from "../../../src/workloads/mixed/load.ts";
import type { WatchPutSpec } from "../../../src/workloads/parts/watching/load.ts";
import {
  ownStreams,
  ownWatchedKeys,
  type WatchSpec,
} from "../../../src/workloads/parts/watching/watched-keys.ts";
import type { PutSpec } from "../../../src/workloads/put/load.ts";
import type { RangeSpec } from "../../../src/workloads/range/load.ts";
import type { TxnMixedSpec } from "../../../src/workloads/txn-mixed/load.ts";
import { cases } from "../../harness/whole-run.ts";
import { StepRig } from "../workloads/step-rig.ts";

const MOST_AGENTS = 50;
const START_NS = 7e9;
const KEYS: KeySpace = {
  ...{ keySizeBytes: 8, keySpaceSize: 500, sequential: true, popularity: "uniform" },
  ...{ prefix: "k/", encoding: "fixed" },
};
const DRAWN: KeySpace = { ...KEYS, sequential: false };
const VALUES = { valSizeBytes: 8, valueSize: null };
const ONE_KEY = { key: Buffer.from("a"), end: null, consistency: "serializable" } as const;

const PUT: PutSpec = {
  series: ["put"],
  kind: "put",
  put: { kind: "put", keys: KEYS, ...VALUES },
};
const DRAWN_PUT: PutSpec = { ...PUT, put: { kind: "put", keys: DRAWN, ...VALUES } };
const RANGE: RangeSpec = {
  series: ["range"],
  kind: "range",
  range: { ...ONE_KEY, end: Buffer.from("b") },
};
const TXN: TxnMixedSpec = {
  series: ["txn-mixed", "range", "put"],
  kind: "txn-mixed",
  txnMixed: { read: ONE_KEY, write: { keys: DRAWN, ...VALUES, txnOps: 3 }, rwRatio: 2 },
};
const MIXED: MixedSpec = {
  series: ["mixed", "put", "range", "delete", "txn-put"],
  kind: "mixed",
  mixed: {
    ...{ kind: "mixed", keys: DRAWN, ...VALUES, consistency: "serializable" },
    mix: [
      { operation: "put", weight: 3 },
      { operation: "range", weight: 2 },
      { operation: "delete", weight: 1 },
      { operation: "txn-put", weight: 1 },
    ],
    ...{ txnOps: 2, scanLength: 10, leaseGrant: null },
  },
};
const OPERATIONS: OperationSpec[] = [PUT, DRAWN_PUT, RANGE, TXN, MIXED];

/** Often more clients than requests; odd and even totals. */
const runs = fc
  .record({
    agents: fc.integer({ min: 1, max: MOST_AGENTS }),
    workers: fc.integer({ min: 1, max: 3 }),
    moreConnections: fc.integer({ min: 0, max: 9 }),
    moreClients: fc.integer({ min: 0, max: 60 }),
    total: fc.integer({ min: 1, max: 300 }),
    offsetNs: fc.integer({ min: -1e15, max: 1e15 }),
  })
  .map(({ moreConnections, moreClients, ...run }) => {
    const connections = run.agents * run.workers + moreConnections;
    return { ...run, connections, clients: connections + moreClients };
  });

function setupsOf(shape: LoadShape, operations: OperationSpec[], arrival: string): WorkerSetup[] {
  return splitLoad(shape, ["a:1", "b:2"]).map(
    (share) =>
      ({
        ...{ share, operations, keepSlowest: 3, access: { tls: null, token: "a token" } },
        load: { seed: 5 },
        pacing: { arrival },
      }) as unknown as WorkerSetup,
  );
}

/** The setups as the agents read them, by worker. */
function setupsOfAgents(
  shape: LoadShape & { agents: number },
  operations: OperationSpec[],
  arrival: string,
): WorkerSetup[] {
  const key = new GroupKey(newGroupSecret());
  const read = dealtToAgents(setupsOf(shape, operations, arrival), shape.agents).flatMap(
    (setups, agent) => {
      const place = `to/${agent}`;
      const sent: Command = { type: "setup", transport: "wire", setups };
      const opener = new Opener(key, place);
      const [taken] = new Sealer(key, place).chunksOf(sent).flatMap((chunk) => {
        const message = opener.take(chunk);
        return message === null ? [] : [message];
      });
      return (taken!.message as Extract<Command, { type: "setup" }>).setups;
    },
  );
  return read.sort((one, other) => one.share.workerIndex - other.share.workerIndex);
}

/** Every request of a worker's share, with its path. */
async function requestsOf({ share, operations, load }: WorkerSetup, total: number) {
  const loads = await loadsOf(operations);
  const sent: string[] = [];
  for (const spec of operations) {
    const rig = new StepRig();
    const context: LoadContext = {
      ...{ share, seed: load.seed, operations: rig, transport: rig.transport },
      ...{ firstExtraSlot: share.clientNumbers.length, parts: new SharedParts() },
      requests: new RequestLog(),
    };
    rig.workload = loads.of(spec).make(spec, context);
    rig.workload.restart(true);
    for (let request = 0; request < dealtCount(total, share); request++) {
      rig.workload.begin(request % share.clientNumbers.length, 0);
      for (const [slot, { path, sent: messages }] of rig.pending) {
        sent.push(`${path} ${messages.map((each) => each.toString("hex")).join()}`);
        rig.finish(slot, 0, "");
      }
    }
  }
  return sent;
}

test("each worker of an agent sends the same bytes as that worker on one machine", async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (run) => {
      const { agents, workers, connections, clients, total } = run;
      const machine = setupsOf(
        { workers: agents * workers, connections, clients },
        OPERATIONS,
        "constant",
      );
      const ofAgents = setupsOfAgents(run, OPERATIONS, "constant");
      assert.is(ofAgents.length, machine.length);
      let sent = 0;
      for (const [worker, setup] of ofAgents.entries()) {
        const requests = await requestsOf(setup, total);
        assert.equal(requests, await requestsOf(machine[worker]!, total));
        sent += requests.length;
      }
      assert.is(sent, total * OPERATIONS.length);
    }),
    { numRuns: cases(8) },
  );
});

for (const arrival of ["constant", "poisson"]) {
  test(`${arrival} requests are due at the times of one machine, whatever an agent's clock`, () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { agents, workers, connections, clients, total, offsetNs } = run;
        const command: PhaseCommand = {
          ...{ type: "phase", id: 3, operation: 0, requests: total, durationMs: null },
          ...{ ratePerSec: 977, startNs: START_NS, isMeasured: true },
        };
        const { command: moved } = movedCommand({ type: "phase", command }, offsetNs) as Extract<
          Command,
          { type: "phase" }
        >;
        const alone = { workers: agents * workers, connections, clients };
        const machine = setupsOf(alone, [PUT], arrival);
        for (const [worker, setup] of setupsOfAgents(run, [PUT], arrival).entries()) {
          const of = arrivalsOf(moved, setup, moved.startNs)!;
          const expected = arrivalsOf(command, machine[worker]!, START_NS)!;
          for (let request = 0; request < dealtCount(total, setup.share); request++) {
            // At this size a 64-bit float has a resolution of an eighth of a nanosecond.
            assert.ok(Math.abs(of.dueNs - offsetNs - expected.dueNs) < 100);
            of.advance();
            expected.advance();
          }
        }
      }),
      { numRuns: cases(20) },
    );
  });
}

test("each stream and each watched key belongs to one worker, the same one as on one machine", () => {
  fc.assert(
    fc.property(runs, (run) => {
      const streams = workersOf(run) + (run.total % 7);
      const watch: WatchSpec = {
        ...{ keys: KEYS, ...VALUES, streams, connections: run.connections },
        ...{ workers: workersOf(run), watchersPerStream: 2, watchers: null, startRevision: null },
        ...{ prevKv: false, progressNotify: false, token: 1 },
        watchedKeys: Array.from({ length: streams + (run.total % 5) }, (_, key) => key),
      };
      const spec: WatchPutSpec = { series: ["watch-put"], kind: "watch-put", watch };
      const { agents, workers, connections, clients } = run;
      const machine = setupsOf(
        { workers: agents * workers, connections, clients },
        [spec],
        "constant",
      );
      const of = (setups: WorkerSetup[], own: typeof ownStreams) =>
        setups.map((setup) => own((setup.operations[0] as WatchPutSpec).watch, setup.share));
      const ofAgents = setupsOfAgents(run, [spec], "constant");
      for (const [own, count] of [
        [ownStreams, streams],
        [ownWatchedKeys, watch.watchedKeys.length],
      ] as const) {
        const dealt = of(ofAgents, own);
        assert.equal(dealt, of(machine, own));
        assert.equal(
          dealt.flat().sort((one, other) => one - other),
          Array.from({ length: count }, (_, each) => each),
        );
      }
    }),
    { numRuns: cases(20) },
  );
});

test.run();
