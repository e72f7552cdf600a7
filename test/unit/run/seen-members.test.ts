/** Tests what a run knows of the members that its cluster had before. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SeenMembers } from "../../../src/run/seen-members.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

test("the members of a cluster are kept by its id, until they are not known any more", () => {
  const seen = new SeenMembers();
  const members = new Map([["a", "m1"]]);
  assert.is(seen.of("c1"), null);
  seen.keep("c1", members);
  seen.keep(null, new Map());
  assert.equal([seen.of("c1"), seen.of("c2"), seen.of(null)], [members, null, null]);
  seen.keep("c1", null);
  assert.is(seen.of("c1"), null);
});

test("the members at the end of saved runs are kept, those of the last run of each cluster", () => {
  const run = (minute: number, ...members: string[]) => {
    const membersAtEnd = members.map((id) => ({ id, name: `m${id}` }));
    const startedAt = new Date(Date.UTC(2026, 7, 1, 10, minute)).toISOString();
    return resultFixture({ startedAt, target: { clusterId: "c1", membersAtEnd } });
  };
  const seen = new SeenMembers([run(2, "1", "2", "3"), run(1, "1")]);
  assert.equal(seen.of("c1"), new Map(["1", "2", "3"].map((id) => [id, `m${id}`])));
  const unknown = resultFixture({ startedAt: run(3).startedAt, target: { clusterId: "c1" } });
  assert.is(new SeenMembers([run(1, "1"), unknown]).of("c1"), null);
});

test.run();
