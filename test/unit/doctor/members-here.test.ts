/** Tests the CPU time of members on this machine, by /proc or by their metrics. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cpuSecondsHere } from "../../../src/doctor/members-here.ts";
import { MemberPlaces } from "../../../src/run/member-places.ts";
import { memberEvidence, processEvidence } from "../../fixtures/doctor-evidence.ts";

const HERE = { places: new MemberPlaces(), addresses: ["127.0.0.1", "10.0.0.1"] };

test("members count by /proc, those whose processes cannot be seen by their metrics, and others not", () => {
  const seen = memberEvidence("a", { process: processEvidence({ cpuSeconds: 4 }) });
  const unseen = memberEvidence("b", { endpoint: "10.0.0.1:2379" });
  const remote = memberEvidence("c", { endpoint: "10.0.0.9:2379" });
  assert.is(cpuSecondsHere([seen, unseen, remote], HERE), 5.5);
});

test("what members on this machine used is not known where one has neither", () => {
  const seen = memberEvidence("a", { process: processEvidence({ cpuSeconds: 4 }) });
  const silent = memberEvidence("b", { first: null, last: null, seconds: null });
  assert.is(cpuSecondsHere([seen, silent], HERE), null);
  const onePage = memberEvidence("b", { first: null, seconds: null });
  assert.is(cpuSecondsHere([onePage], HERE), null, "it counts from the start of the process");
});

test.run();
