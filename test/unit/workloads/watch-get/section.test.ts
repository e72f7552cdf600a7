/** What a report shows of watchers that caught up, and of those that did not. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFormat } from "../../../../src/report/table.ts";
import { eventFaults } from "../../../../src/result/event-faults.ts";
import { operationFixture, planFixture, resultFixture } from "../../../fixtures/result-fixture.ts";

const events = operationFixture({
  name: "watch-catch-up",
  counters: { missing: 12, lostWatchers: 3 },
});

test("events, faults and times until synced have their own section", () => {
  const plan = planFixture();
  const keys = {
    keySizeBytes: 8,
    keySpaceSize: 1,
    sequential: true,
    popularity: "uniform",
    prefix: "",
    encoding: "fixed",
  } as const;
  plan.workload = {
    kind: "watch-get",
    keys,
    valSizeBytes: 64,
    valueSize: null,
    watchers: 5_000,
    streams: 2,
    events: 20,
    consistency: "serializable",
  };
  const synced = operationFixture({ name: "watch-synced" });
  const result = resultFixture({
    operations: [operationFixture({ name: "watch-get" }), events, synced],
  });
  const text = tableFormat.render([{ ...result, plan }], { color: false, widthColumns: 200 });
  assert.match(
    text,
    /watch-get serializable, 5,000 watchers over 2 streams, a history of 20 events/,
  );
  assert.match(text, /\nCatch-up\n/);
  assert.match(text, / 12 +0 +0 +3\n/);
  assert.not.match(text, /\nCounts\n/);
});

test("missing events of a catch-up and lost watchers fail the run", () => {
  assert.equal(eventFaults(events), [
    "12 watch-catch-up events never came",
    "3 watchers were lost",
  ]);
});

test.run();
