/** Chooses the members to defragment: all with the leader last, or one named member. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { EventContext } from "../../../src/events/definition.ts";
import { DEFRAGMENTATION } from "../../../src/events/defragmentation.ts";

const members = ["m1", "m2", "m3"].map((name, index) => ({
  name,
  id: `a${index}`,
  endpoint: `10.0.0.${index}:1`,
  isLeader: index === 0,
}));
const target = { members, endpoints: members.map(({ endpoint }) => endpoint), cluster: null };

/** The names of the members in the order of their defragmentation; checks the endpoints too. */
async function defragmented(member: string | null): Promise<(string | null)[]> {
  const asked: (string | undefined)[] = [];
  const context: EventContext = {
    ...target,
    isOver: () => false,
    abandoned: new AbortController().signal,
    random: () => 0,
    client: {
      status: () => Promise.reject(new Error("nobody asks for it")),
      moveLeader: async () => {},
      setNoSpaceAlarm: async () => {},
      revision: async () => 1,
      compact: async () => {},
      async defragment(endpoint) {
        asked.push(endpoint);
      },
    },
  };
  const names: (string | null)[] = [];
  for await (const action of DEFRAGMENTATION.actions({ atMs: [1], member }, context)) {
    await action.begin();
    names.push(action.member);
  }
  assert.equal(
    asked,
    names.map((name) => members.find((each) => each.name === name)?.endpoint),
  );
  return names;
}

test("without a name all members are defragmented, the leader last", async () => {
  assert.equal(await defragmented(null), ["m2", "m3", "m1"]);
});

test("a name, an id or an endpoint selects only that member", async () => {
  for (const word of ["m2", "a1", "10.0.0.1:1"]) assert.equal(await defragmented(word), ["m2"]);
  const unknown = { atMs: [1], member: "m4" };
  assert.throws(
    () => DEFRAGMENTATION.check(unknown, target),
    /--defrag-member: "m4" is no member.* one of m1, m2, m3/,
  );
});

test.run();
