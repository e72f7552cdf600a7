/** Tests that a revision that is too low for the acknowledged writes is reported, and no other. */
import { status as statusCodes } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlError } from "../../../src/etcd/control-client.ts";
import { RevisionCount } from "../../../src/etcd/revision-count.ts";

/** What is reported where each read finds the next of the revisions; null: no endpoint answers it. */
async function reported(
  revisions: (number | null)[],
  acknowledged: number,
  { known = [] as number[], lastReadMs = 60_000 } = {},
): Promise<string | null> {
  const count = new RevisionCount({
    endpoints: ["h:1"],
    key: Buffer.from("k"),
    revisions: known,
    lastReadMs,
    client: {
      clusterRevision: async () => {
        const revision = revisions.shift() ?? null;
        const gone = { code: statusCodes.UNAVAILABLE, details: "gone" };
        if (revision === null) throw new ControlError("Range", "h:1", gone);
        return revision;
      },
    },
  });
  await count.begin();
  return await count.end(acknowledged);
}

test("a revision that is lower than the acknowledged writes make it is reported", async () => {
  const text = await reported([10, 109], 100);
  assert.match(text!, /revision of etcd is 109 .* at least 110 .* emptied or restored/);
});

test("a revision that is exact, or higher by failed requests, is not reported", async () => {
  assert.is(await reported([10, 110], 100), null);
  assert.is(await reported([10, 115], 100), null);
});

test("without an answer before the load, the highest revision that members told counts", async () => {
  assert.match((await reported([null, 50], 20, { known: [3, 40] }))!, /at least 60/);
  assert.is(await reported([null, 60], 20, { known: [3, 40] }), null);
});

test("the last read is tried again until an endpoint answers, or the time is over", async () => {
  assert.match((await reported([10, null, null, 11], 20))!, /is 11 /);
  assert.is(await reported([10], 20, { lastReadMs: 1 }), null);
});

test("a load without acknowledged writes is not judged", async () => {
  assert.is(await reported([10, 1], 0), null);
});

test.run();
