/** Which members are defragmented: all with the leader last, or the one that was named in any way. */
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

/** The members in the order in which they are defragmented, by the endpoints that are asked. */
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

test("all of them, the leader last", async () => {
  assert.equal(await defragmented(null), ["m2", "m3", "m1"]);
});

test("one by its name, its id or its endpoint, and nobody else", async () => {
  for (const word of ["m2", "a1", "10.0.0.1:1"]) assert.equal(await defragmented(word), ["m2"]);
  const unknown = { atMs: [1], member: "m4" };
  assert.throws(
    () => DEFRAGMENTATION.check(unknown, target),
    /--defrag-member: "m4" is no member.* one of m1, m2, m3/,
  );
});

test.run();
