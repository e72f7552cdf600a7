/** Which members are defragmented: all with the leader last, or the one that was named in any way. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TargetMember } from "../../../../src/etcd/inspect.ts";
import { membersToDefragment } from "../../../../src/run/prepare/defragmentation.ts";
import { planFixture } from "../../../fixtures/result-fixture.ts";

const members = ["m1", "m2", "m3"].map(
  (name, index) =>
    ({
      name,
      id: `a${index}`,
      endpoint: `10.0.0.${index}:1`,
      isLeader: index === 0,
    }) as TargetMember,
);

function chosen(member: string | null): string[] {
  const plan = planFixture({
    maintenance: { defragmentation: { atMs: [1], member } },
  });
  return membersToDefragment(plan, { members }).map(({ name }) => name);
}

test("all of them, the leader last", () => {
  assert.equal(chosen(null), ["m2", "m3", "m1"]);
});

test("one by its name, its id or its endpoint, and nobody else", () => {
  for (const word of ["m2", "a1", "10.0.0.1:1"]) assert.equal(chosen(word), ["m2"]);
  assert.throws(() => chosen("m4"), /--defrag-member: "m4" is no member.* one of m1, m2, m3/);
});

test("none where no defragmentation is planned", () => {
  assert.equal(membersToDefragment(planFixture(), { members }), []);
});

test.run();
