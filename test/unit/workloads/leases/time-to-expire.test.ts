/** --timeout is held against the time to live that etcd grants. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assertTimeToExpire } from "../../../../src/workloads/parts/leases/time-to-expire.ts";

const WAIT = { flag: "expire", waits: "--expire waits", ttlFlag: "--ttl" };

function refusalOf(askedSeconds: number, grantedSeconds: number, timeoutMs: number): string | null {
  try {
    assertTimeToExpire({ askedSeconds, grantedSeconds }, timeoutMs, WAIT);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

test("a timeout below the time to live and what etcd takes to notice its end is refused", () => {
  assert.is(refusalOf(5, 5, 10_000), null);
  const asked = refusalOf(6, 6, 10_000)!;
  assert.match(
    asked,
    /--timeout=10s is too short for: give --timeout=11s or more, or a shorter --ttl$/,
  );
});

test("where etcd lengthens the time to live, a shorter one is no help", () => {
  const granted = refusalOf(2, 15, 10_000)!;
  assert.match(granted, /\(this etcd grants no lease below 15 s\): give --timeout=20s or more$/);
});

test.run();
