/** Tests what a run knows of the members that its cluster had before. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SeenMembers } from "../../../src/run/seen-members.ts";

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

test.run();
