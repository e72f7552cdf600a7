/** Tests the notes on requests that waited in the client before they were sent. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { OperationResult } from "../../../src/result/schema.ts";
import { heldBackNotes } from "../../../src/run/held-back.ts";

function operation(counters: Record<string, number>, responseTime: unknown = null) {
  const requests = { offered: 90, started: 90, succeeded: 80, failed: 10, dropped: 0, resent: 0 };
  return { name: "put", requests, counters, responseTime } as OperationResult;
}

test("there is no note if no request waited", () => {
  assert.equal(heldBackNotes([operation({}), operation({ conflicts: 3 })]), []);
});

test("the note gives the number of waiting requests, their mean wait, and the clock that includes it", () => {
  const counters = { heldBack: 4, heldBackUs: 10_000 };
  const [closed] = heldBackNotes([operation(counters)]);
  assert.match(closed!, /^4 of 90 put requests waited in the client .*, 2\.50 ms on average/);
  assert.not.match(closed!, /response time/);
  const [seconds] = heldBackNotes([operation({ heldBack: 1, heldBackUs: 4_400_000 })]);
  assert.match(seconds!, /, 4\.40 s on average/);
  assert.match(heldBackNotes([operation(counters, {})])[0]!, /the response time holds it/);
});

test("requests that could not be sent are reported apart from requests without an answer", () => {
  assert.match(
    heldBackNotes([operation({ unsent: 7 })])[0]!,
    /^7 of the 10 put requests that failed/,
  );
});

test.run();
