/** Tests which events, slow fsyncs and pauses are listed near a slow request. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RunResult, ServerSamples } from "../../../src/result/schema.ts";
import type { SlowRequestResult } from "../../../src/result/slow-request-schema.ts";
import { findNear } from "../../../src/run/near-slow-requests.ts";
import { operationFixture, resultFixture, serverFixture } from "../../fixtures/result-fixture.ts";

const SLOW: SlowRequestResult = {
  ...{ startSeconds: 2, endpoint: null, key: null, revision: null },
  ...{ serviceMs: 100, responseMs: 500, code: "OK", near: [] },
};

/** The events near a request that was due at 2 s and took 500 ms. */
function nearOf(happened: Partial<Pick<RunResult, "moments" | "server" | "client">>): string[] {
  const operations = [operationFixture({ slowest: [SLOW] })];
  const { client } = resultFixture();
  findNear(operations, { moments: [], server: [], client, ...happened });
  return operations[0]!.slowest![0]!.near.map(({ kind, text }) => `${kind}: ${text}`);
}

function eventAt(
  startSeconds: number,
  durationSeconds: number | null,
  error: string | null = null,
) {
  const rest = { text: "pause leader", member: "m1", revision: null };
  return { kind: "pause", startSeconds, durationSeconds, error, ...rest };
}

test("an event is near a request if it begins or ends while the request waits", () => {
  const is = ["event: pause leader (m1)"];
  assert.equal(nearOf({ moments: [eventAt(1, 1.2)] }), is);
  assert.equal(nearOf({ moments: [eventAt(2.4, 3)] }), is);
  assert.equal(nearOf({ moments: [eventAt(1, 0.9)] }), []);
  assert.equal(nearOf({ moments: [eventAt(2.6, 1)] }), []);
  // A refused event does not count.
  assert.equal(nearOf({ moments: [eventAt(2.1, null, "refused")] }), []);
});

test("a leader change is near requests in the second before metrics showed it", () => {
  const seenAt = (startSeconds: number) => {
    const change = { ...eventAt(startSeconds, null), kind: "leader-change", text: null };
    return nearOf({ moments: [change] });
  };
  assert.equal(seenAt(3.2), ["new-leader: leader change seen by m1"]);
  assert.equal(seenAt(3.6), []);
  assert.equal(seenAt(1.9), []);
});

function withFsync(walFsyncP99Ms: (number | null)[]) {
  const none = walFsyncP99Ms.map(() => null);
  const samples: ServerSamples = {
    atSeconds: walFsyncP99Ms.map((_, at) => at),
    rssBytes: none,
    cpuPercent: none,
    walFsyncP99Ms,
    backendCommitP99Ms: none,
  };
  return nearOf({ server: [serverFixture({ samples })] });
}

test("a second of slow fsync is near, unless the other seconds are as slow or all are fast", () => {
  assert.equal(withFsync([null, 3, 3, 62, 3]), ["slow-fsync: fsync p99 62 ms of m1"]);
  assert.equal(withFsync([null, 60, 60, 62, 60]), []);
  assert.equal(withFsync([null, 1, 1, 9, 1]), []);
  // The slow second ended before the request was due.
  assert.equal(withFsync([null, 62, 3, 3, 3]), []);
});

test("a pause of the client's workers is near, and a pause of only the main thread is not", () => {
  const pauseOf = (workers: number) => {
    const pause = { startSeconds: 2.3, durationMs: 250, workers, isOfMainThread: true };
    const { client } = resultFixture({
      client: {
        pauses: {
          ...{ count: 1, totalMs: 250, longestMs: 250, percent: 1 },
          ...{ mainThreadCount: 0, mainThreadTotalMs: 0 },
          longest: [{ ...pause, cause: "not-run" }],
        },
      },
    });
    return nearOf({ client });
  };
  assert.equal(pauseOf(1), ["client-pause: the client paused 250 ms"]);
  assert.equal(pauseOf(0), []);
});

test.run();
