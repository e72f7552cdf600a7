/** Tests what a result says of connections that no client uses. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectionsOf, idleNotes } from "../../../src/run/idle-connections.ts";
import type { Prepared } from "../../../src/run/prepare.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const { target } = resultFixture();
const MEMBERS = {
  endpoints: target.endpoints,
  members: target.members.map((member, at) => ({ ...member, id: String(at) })),
  memberIdOf: new Map(target.endpoints.map((endpoint, at) => [endpoint, String(at)])),
} as unknown as Prepared["target"];

function told(connections: number, clients: number) {
  const plan = planFixture({ load: { connections, clients } });
  const each = connectionsOf(plan, MEMBERS);
  return { each, notes: idleNotes(plan.load, each) };
}

test("connections that no client uses are counted for each member, and a note names the members with load", () => {
  const { each, notes } = told(3, 1);
  assert.equal(each, [
    { member: "m1", count: 1 },
    { member: "m2", count: 1, idle: 1 },
    { member: "m3", count: 1, idle: 1 },
  ]);
  assert.equal(notes, [
    "2 of 3 connections had no client (--conns=3, --clients=1) and sent no measured request: all requests of " +
      "these clients went to m1; give --clients=3 or more to use them all.",
  ]);
});

test("where each member has load, the note names none of them", () => {
  const { each, notes } = told(8, 4);
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

test("without idle connections there is no note", () => {
  for (const [connections, clients] of [
    [1, 1],
    [3, 3],
    [100, 1_000],
  ] as const) {
    const { each, notes } = told(connections, clients);
    assert.equal(notes, []);
    assert.ok(each.every((one) => !("idle" in one)));
  }
});

test("a load whose streams use all connections leaves none idle", () => {
  const { plan } = resultFixture();
  const load = { ...plan.load, connections: 3, clients: 1 };
  const workload = { kind: "watch-latency" } as typeof plan.workload;
  assert.ok(connectionsOf({ load, workload }, MEMBERS).every((one) => !("idle" in one)));
});

test.run();
