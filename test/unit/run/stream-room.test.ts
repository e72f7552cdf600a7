/** Tests whether the connections of a run allow all streams that it keeps open, and the fix. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { operation } from "../../../src/load/load.ts";
import type { OperationSpec } from "../../../src/load/messages.ts";
import { splitLoad, workersOf } from "../../../src/plan/shares.ts";
import { streamShortage } from "../../../src/run/stream-room.ts";
import type { AvailabilitySpec } from "../../../src/workloads/availability/load.ts";
import type { DeleteSpec } from "../../../src/workloads/delete/load.ts";
import type { LeaseGrantSpec } from "../../../src/workloads/lease-grant/load.ts";
import type { LeaseKeepaliveSpec } from "../../../src/workloads/lease-keepalive/load.ts";
import { loadsOf } from "../../../src/workloads/loads.ts";
import type { ContendSpec } from "../../../src/workloads/parts/contention/contend-load.ts";
import type { WatchCreateSpec, WatchPutSpec } from "../../../src/workloads/parts/watching/load.ts";
import type { WatchSpec } from "../../../src/workloads/parts/watching/watched-keys.ts";
import type { StmSpec } from "../../../src/workloads/stm/load.ts";
import type { WatchGetSpec } from "../../../src/workloads/watch-get/load.ts";

const LOADS = await loadsOf(
  [
    ...["watch-create", "watch-put", "watch-get", "contend", "lease-keepalive", "delete", "stm"],
    ...["availability", "lease-grant"],
  ].map((kind) => ({ kind, series: [] })),
);
const ENDPOINTS = ["127.0.0.1:1", "127.0.0.1:2"];

interface Shape {
  connections: number;
  clients: number;
  workers?: number;
}

/** The error if each connection allows `limit` streams; null: none. */
function shortage(
  limit: number | undefined,
  { workers = 1, ...rest }: Shape,
  makeOperations: (load: Required<Shape>) => OperationSpec[],
  transport: "wire" | "grpc-js" = "wire",
): string | null {
  const load = { ...rest, workers };
  const operations = makeOperations(load);
  const shares = splitLoad(load, ENDPOINTS);
  const limits = shares.map(({ workerIndex }) => {
    // More limits than connections, so that watch-get's own connections have one too.
    const streamLimits = limit === undefined ? undefined : new Array<number>(100).fill(limit);
    return { workerIndex, streamLimits };
  });
  const all = { ...load, transport };
  return streamShortage(LOADS, limits, shares, operations, all, ENDPOINTS)?.message ?? null;
}

function watch(streams: number) {
  return (load: Required<Shape>): OperationSpec[] => {
    const spec = { streams, connections: load.connections, workers: workersOf(load) } as WatchSpec;
    return [
      operation<WatchCreateSpec>({ kind: "watch-create", series: [], watch: spec }),
      operation<WatchPutSpec>({ kind: "watch-put", series: [], watch: spec }),
    ];
  };
}

function watchGet(streams: number) {
  return (load: Required<Shape>): OperationSpec[] => {
    const spec = { streams, connections: load.connections, workers: workersOf(load) } as WatchSpec;
    const watchGet = { watch: spec } as WatchGetSpec["watchGet"];
    return [operation<WatchGetSpec>({ kind: "watch-get", series: [], watchGet })];
  };
}

function contend(kind: "lock" | "election", names: number) {
  return (load: Required<Shape>): OperationSpec[] => {
    const contend = {
      plan: { kind },
      names: Array.from({ length: names }, (_, name) => String(name)),
      workers: workersOf(load),
    } as unknown as ContendSpec["contend"];
    return [operation<ContendSpec>({ kind: "contend", series: [], contend })];
  };
}

const keepalive = (newStream: boolean) => (): OperationSpec[] => [
  operation<LeaseKeepaliveSpec>({
    kind: "lease-keepalive",
    series: [],
    keepalive: { leases: [], newStream },
  }),
];

test("watches that fill a connection leave no room for puts, and a second connection has room", () => {
  const shape = { connections: 1, clients: 8 };
  assert.is(shortage(100, shape, watch(99)), null);
  const message = shortage(100, shape, watch(100))!;
  assert.match(message, /^--conns=1: a connection to 127\.0\.0\.1:1 needs 101 streams at once/);
  assert.match(message, /100 that stay open and one more.*allows 100; use --conns=2 or more/);
  assert.is(shortage(100, { connections: 2, clients: 8 }, watch(100)), null);
});

test("the number of connections in the error is enough, and one fewer is not", () => {
  for (const operations of [watch(1_000), contend("lock", 2), contend("election", 7)]) {
    for (const limit of [10, 33, 128]) {
      const shape = { connections: 1, clients: 400, workers: 2 };
      const fix = Number(/use --conns=(\d+) or more/.exec(shortage(limit, shape, operations)!)![1]);
      assert.is(shortage(limit, { ...shape, connections: fix }, operations), null, `${limit}`);
      assert.is.not(shortage(limit, { ...shape, connections: fix - 1 }, operations), null);
    }
  }
});

test("watch-get's streams have their own connections, and need room only for themselves", () => {
  const shape = { connections: 1, clients: 8 };
  assert.is(shortage(16, shape, watchGet(16)), null);
  assert.match(shortage(16, shape, watchGet(40))!, /needs 40 streams.*use --conns=3 or more/);
});

test("each client that waits for a lock keeps a stream open, in addition to the keep-alive stream", () => {
  const shape = { connections: 2, clients: 6, workers: 2 };
  assert.is(shortage(4, shape, contend("lock", 2)), null);
  assert.match(shortage(3, shape, contend("lock", 2))!, /needs 4 streams.*use --conns=3 or more/);
  assert.match(shortage(1, shape, contend("lock", 2))!, /no number of connections is enough/);
});

function availability(operations: string[], endpoints = ENDPOINTS) {
  return (): OperationSpec[] => {
    const requests = { plan: { operations }, endpoints, lockCallsAtOnce: 9 };
    const spec = requests as unknown as AvailabilitySpec["availability"];
    return [operation<AvailabilitySpec>({ kind: "availability", series: [], availability: spec })];
  };
}

test("watchers of an availability run leave room for its calls, and waiting locks have their own connection", () => {
  const shape = { connections: 1, clients: 8 };
  const watches = availability(["put", "watch"]);
  assert.is(shortage(3, shape, watches), null);
  const said = shortage(2, shape, watches)!;
  assert.match(said, /^--endpoints 127\.0\.0\.1:1: .*needs 3 streams .*2 that stay open and one/);
  assert.match(said, /allows 2; no number of connections is enough/);
  assert.is(shortage(2, shape, availability(["put", "watch"], ["127.0.0.1:1"])), null);
  const locks = availability(["lock", "put"]);
  assert.is(shortage(9, shape, locks), null);
  assert.match(shortage(8, shape, locks)!, /needs 9 streams at once \(9 that stay open\)/);
  assert.is(shortage(1, shape, availability(["put", "range-serializable"])), null);
});

test("keep-alives that open a new stream each time keep none open", () => {
  const shape = { connections: 1, clients: 20 };
  assert.match(shortage(16, shape, keepalive(false))!, /needs 20 streams.*--conns=2 or more/);
  assert.is(shortage(16, shape, keepalive(true)), null);
});

const leases = (expire: boolean) => (): OperationSpec[] => [
  operation<LeaseGrantSpec>({
    kind: "lease-grant",
    series: [],
    leaseGrant: { expire } as LeaseGrantSpec["leaseGrant"],
  }),
];

test("each client that waits for its lease to expire keeps a stream open, and one that revokes it keeps none", () => {
  const shape = { connections: 1, clients: 300 };
  const message = shortage(16, shape, leases(true))!;
  assert.match(message, /^--conns=1: .*needs 300 streams at once \(300 that stay open\)/);
  assert.match(message, /allows 16; use --conns=19 or more/);
  assert.is(shortage(16, { ...shape, connections: 19 }, leases(true)), null);
  assert.is(shortage(16, shape, leases(false)), null);
});

test("an unknown limit, or a limit of 0 for now, is no error", () => {
  const shape = { connections: 1, clients: 8 };
  for (const limit of [undefined, 0, Number.POSITIVE_INFINITY]) {
    assert.is(shortage(limit, shape, watch(500)), null);
  }
});

test("calls that end by themselves can share any number of streams", () => {
  const puts = (): OperationSpec[] => [
    operation<DeleteSpec>({ kind: "delete", series: [], keys: {} as never }),
  ];
  assert.is(shortage(1, { connections: 1, clients: 1_000 }, puts), null);
});

test("transactions under a lock need a stream for each client, and those without one do not", () => {
  const stm = (locker: "stm" | "lock-rpc" | "lock-client") => () => [
    operation<StmSpec>({ kind: "stm", series: [], stm: { plan: { locker } } } as never),
  ];
  const shape = { connections: 2, clients: 12 };
  assert.is(shortage(3, shape, stm("stm")), null);
  for (const locker of ["lock-rpc", "lock-client"] as const) {
    assert.match(
      shortage(3, shape, stm(locker))!,
      /needs 6 streams.*use --conns=4 or more/,
      locker,
    );
  }
});

test("over grpc-js each client needs a stream, since nobody tells how long calls wait for one in it", () => {
  const deletes = () => [operation<DeleteSpec>({ kind: "delete", series: [] } as never)];
  const shape = { connections: 1, clients: 20 };
  assert.is(shortage(2, shape, deletes), null);
  assert.is(shortage(20, shape, deletes, "grpc-js"), null);
  assert.match(
    shortage(2, shape, deletes, "grpc-js")!,
    /^--transport=grpc-js: .* may need 20 streams at once, the server allows 2, .*--conns=10 or more/,
  );
  const streams = shortage(2, { connections: 2, clients: 1 }, watch(4), "grpc-js")!;
  assert.match(
    streams,
    /may need 3 streams at once, the server allows 2, .*use --conns=\d+ or more/,
  );
});

test.run();
