/** A proxy that spreads the load is no member, and what it reaches is not known. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { usedMembers, usedMembersText } from "../../../src/result/used-members.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

const { members } = resultFixture().target;

function textOf(...connections: [member: string, count: number, idle?: number][]): string | null {
  const used = usedMembers({
    members,
    connections: connections.map(([member, count, idle = 0]) => {
      return { member, count, idle, messages: null };
    }),
  });
  return used === null ? null : usedMembersText(used);
}

test("members with a connection that carried something are counted", () => {
  assert.is(textOf(["m1", 2], ["m2", 2, 1], ["m3", 2, 2]), "2");
  assert.is(textOf([members[0]!.endpoint, 1]), "1", "a member without a name");
  assert.is(textOf(), null);
});

test("where a proxy spreads the load the members are not known", () => {
  assert.is(textOf(["lb:2379", 3]), "not known, over 1 endpoint");
  assert.is(textOf(["lb:2379", 3], ["m1", 3]), "not known, over 2 endpoints");
});

test.run();
