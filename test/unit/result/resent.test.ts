/** Tests the notes on requests that were sent again. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { resentNotes } from "../../../src/result/resent.ts";
import { operationFixture } from "../../fixtures/result-fixture.ts";

const notesOf = (...resends: { reason: string; count: number }[]) =>
  resentNotes([operationFixture({ resends })]);

test("there is no note if no request was sent again", () => {
  assert.equal(notesOf(), []);
});

test("the note gives the three most frequent reasons of the server", () => {
  const reason = "GOAWAY, ENHANCE_YOUR_CALM, too_many_pings";
  assert.equal(notesOf({ reason, count: 1 }), [
    `1 put request was sent again, which etcd, or a proxy before it, had not processed: ${reason} (1).`,
  ]);
  const many = ["a", "b", "c", "d"].map((each, at) => ({ reason: each, count: 9 - at }));
  assert.match(
    notesOf(...many)[0]!,
    /^30 put requests were sent again, .*: a \(9\); b \(8\); c \(7\); and 1 further reason\.$/,
  );
});

test.run();
