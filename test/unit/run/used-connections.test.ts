/** Tests what a result says of the connections of a load, as the workers counted what they carried. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CarriedInPhase, PhaseDoneMessage } from "../../../src/load/messages.ts";
import { splitLoad } from "../../../src/plan/shares.ts";
import type { Prepared } from "../../../src/run/prepare.ts";
import { idleNotes, UsedConnections } from "../../../src/run/used-connections.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const { target } = resultFixture();
const [M1, M2, M3] = target.endpoints as [string, string, string];
const MEMBERS = {
  endpoints: target.endpoints,
  members: target.members.map((member, at) => ({ ...member, id: String(at) })),
  memberIdOf: new Map(target.endpoints.map((endpoint, at) => [endpoint, String(at)])),
} as unknown as Prepared["target"];

/** By connection: its endpoint, what was sent on it, and what it held from before. */
type Counted = [endpoint: string, sent: number, held?: number];

function doneBy(workerIndex: number, counted: Counted[] | null): PhaseDoneMessage {
  const carried =
    counted?.map(([endpoint, sent, held = 0]): CarriedInPhase => ({ endpoint, sent, held })) ??
    null;
  return { workerIndex, carried } as PhaseDoneMessage;
}

interface Case {
  connections: number;
  clients: number;
  workers?: number;
}

/** @param slices by slice and worker; null: a worker broke in it */
function told(shape: Case, ...slices: ((Counted[] | null)[] | null)[]) {
  const { load } = planFixture({ load: { workers: 1, ...shape } });
  const used = new UsedConnections(splitLoad(load, target.endpoints));
  for (const slice of slices) {
    used.addSlice(slice?.map((counted, worker) => doneBy(worker, counted)) ?? null);
  }
  const each = used.byMember(MEMBERS);
  return { each, notes: idleNotes(load, each) };
}

test("each member has its connections and requests, and a note names the members with load", () => {
  const { each, notes } = told({ connections: 3, clients: 1 }, [
    [
      [M1, 60],
      [M2, 0],
      [M3, 0],
    ],
  ]);
  assert.equal(each, [
    { member: "m1", count: 1, messages: 60 },
    { member: "m2", count: 1, messages: 0, idle: 1 },
    { member: "m3", count: 1, messages: 0, idle: 1 },
  ]);
  assert.equal(notes, [
    "2 of 3 connections had no client (--conns=3, --clients=1) and sent no measured request: all requests " +
      "went to m1; give --clients=3 or more to use them all.",
  ]);
});

test("where each member has load, the note names none of them", () => {
  const own = (sent: number[]) =>
    sent.map((each, at): Counted => [target.endpoints[at % 3]!, each]);
  const { each, notes } = told({ connections: 8, clients: 4 }, [own([1, 1, 1, 1, 0, 0, 0, 0])]);
  assert.equal(
    each.map(({ count, idle }) => [count, idle]),
    [
      [3, 1],
      [3, 2],
      [2, 1],
    ],
  );
  assert.match(
    notes[0]!,
    /^4 of 8 connections had no client .* measured request; give --clients=8/,
  );
});

test("a member that too few requests left out is idle, and no flag is advised", () => {
  const { each, notes } = told({ connections: 3, clients: 3 }, [
    [
      [M1, 1],
      [M2, 1],
      [M3, 0],
    ],
  ]);
  assert.equal(each[2], { member: "m3", count: 1, messages: 0, idle: 1 });
  assert.equal(notes, [
    "1 of 3 connections sent no measured request: all requests went to m1, m2.",
  ]);
});

test("connections of the load's own count, and leave no note where every member has requests", () => {
  const { each, notes } = told({ connections: 1, clients: 66 }, [
    [
      [M1, 0],
      [M1, 60],
      [M2, 60],
      [M3, 60],
    ],
  ]);
  assert.equal(each, [
    { member: "m1", count: 2, messages: 60, idle: 1 },
    { member: "m2", count: 1, messages: 60 },
    { member: "m3", count: 1, messages: 60 },
  ]);
  assert.equal(notes, []);
});

test("what workers and slices counted adds up, in the order of the endpoints", () => {
  const slice: Counted[][] = [
    [
      [M1, 1],
      [M3, 3],
    ],
    [[M2, 2]],
  ];
  const { each, notes } = told({ connections: 3, clients: 3, workers: 2 }, slice, slice);
  assert.equal(each, [
    { member: "m1", count: 1, messages: 2 },
    { member: "m2", count: 1, messages: 4 },
    { member: "m3", count: 1, messages: 6 },
  ]);
  assert.equal(notes, []);
});

test("a connection with a stream from before the measured phase is not idle", () => {
  const { each, notes } = told({ connections: 2, clients: 1 }, [
    [
      [M1, 5],
      [M2, 0, 1],
    ],
  ]);
  assert.equal(each, [
    { member: "m1", count: 1, messages: 5 },
    { member: "m2", count: 1, messages: 0 },
  ]);
  assert.equal(notes, []);
});

test("where a worker is lost or nothing was measured, connections are said and their use is not", () => {
  const counted: Counted[] = [
    [M1, 1],
    [M3, 0],
  ];
  for (const slices of [[], [[counted, null]], [[counted, [[M2, 1] as Counted]], null]]) {
    const { each, notes } = told({ connections: 3, clients: 2, workers: 2 }, ...slices);
    assert.equal(
      each,
      ["m1", "m2", "m3"].map((member) => ({ member, count: 1, messages: null })),
    );
    assert.equal(notes, []);
  }
});

test.run();
