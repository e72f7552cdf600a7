/** Why etcd cancelled watchers is in the notes of a run, and of the session that it is of. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cancelNotes } from "../../../src/result/cancel-notes.ts";
import { countedNotes } from "../../../src/result/counted-notes.ts";
import { operationFixture, planFixture } from "../../fixtures/result-fixture.ts";

const REASON = "etcdserver: mvcc: required revision has been compacted";
const losses = [{ cause: "cancelled" as const, reason: REASON, count: 2 }];

test("watchers that were asked for again have a note with etcd's reason, and lost ones have their fault", () => {
  assert.equal(cancelNotes([operationFixture({ losses })]), [
    `etcd cancelled a watcher, which was asked for again, 2 times: ${REASON}.`,
  ]);
  const lost = operationFixture({ losses, counters: { lostWatchers: 2 } });
  assert.equal(cancelNotes([lost, operationFixture()]), []);
});

test("the trials of a fault have the note with their number", () => {
  const run = (notes: string[]) => ({ notes, plan: planFixture() });
  const notes = cancelNotes([operationFixture({ losses })]);
  assert.equal(countedNotes([run(notes), run([])], { what: "trial", isTrial: true }), [
    `in 1 of 2 trials: ${notes[0]}`,
  ]);
});

test.run();
