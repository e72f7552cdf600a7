/** Notes on etcd are found again in results, and counted over several runs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { longerLeaseNotes, targetTexts, versionsNote } from "../../../src/result/target-notes.ts";
import { proxyNotes } from "../../../src/workloads/parts/through-grpc-proxy.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

test("each kind of note is counted with its runs, and other notes are not", () => {
  const kinds = [
    ...longerLeaseNotes(5, 15),
    versionsNote("3.4.23 and 3.5.30"),
    ...proxyNotes(["serializable-reads"]),
    ...proxyNotes(["keep-alives"]),
    "127.0.0.1:1 answers as 3 different members: it is a proxy that spreads the load.",
  ];
  for (const note of kinds) {
    const runs = [
      resultFixture({ notes: [note, "Each client's lease was revoked at the end."] }),
      resultFixture({ notes: [] }),
    ];
    assert.equal(targetTexts(runs, { of: " of b" }), [`in 1 of 2 runs of b: ${note}`]);
  }
});

test.run();
