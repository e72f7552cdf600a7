/** Tests --scale for the times of events. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DURATION } from "../../../src/flags/load.ts";
import { scaled } from "../../../src/suite/scale.ts";

test("events keep their relative times in a shortened run", () => {
  const event = ["at=5s for=2s kill leader", "at=10s compact"];
  assert.equal(scaled({ duration: "20s", event }, [DURATION], 0.1), {
    duration: "2s",
    event: ["at=500ms for=200ms kill leader", "at=1s compact"],
  });
  assert.is(scaled({ event: "at=5s exec ./at=home" }, [], 2).event, "at=10s exec ./at=home");
});

test.run();
