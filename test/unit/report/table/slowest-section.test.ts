import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Near, SlowRequestResult } from "../../../../src/result/slow-request-schema.ts";
import { formatNamed } from "../../../fixtures/formats.ts";
import { operationFixture, resultFixture } from "../../../fixtures/result-fixture.ts";

const SLOW: SlowRequestResult = {
  ...{ startSeconds: 2.0564, endpoint: "127.0.0.1:2379", key: "/pods/a", revision: 1030 },
  ...{ serviceMs: 505, responseMs: 511, code: "OK", near: [] },
};

function render(format: string, slowest: SlowRequestResult[] | null): string {
  const result = resultFixture({ operations: [operationFixture({ slowest })] });
  return formatNamed(format).render([result], { color: false, widthColumns: null });
}

test("each of the slowest requests has its line, with the events at that time", () => {
  const near: Near = { kind: "event", text: "pause leader (m1)", startSeconds: 2, endSeconds: 3 };
  const text = render("table", [{ ...SLOW, near: [near, near] }]);
  assert.match(text, /^Slowest requests$/m);
  assert.match(
    text,
    /^put +2\.056 s +511 ms +505 ms +OK +127\.0\.0\.1:2379 +\/pods\/a +1,030 +pause leader \(m1\)$/m,
  );
});

test("unknown fields are empty, and of many events only the first two are printed", () => {
  const near = ["a", "b", "c", "d", "e"].map(
    (text): Near => ({ kind: "event", text, startSeconds: 2, endSeconds: 3 }),
  );
  const unknown = { ...SLOW, endpoint: null, key: null, revision: null, responseMs: null };
  const text = render("table", [{ ...unknown, code: "UNAVAILABLE", near }]);
  assert.match(text, /^put +2\.056 s +505 ms +UNAVAILABLE +a; b; 3 more$/m);
});

test("several pauses of the client are one text, after the events of etcd", () => {
  const paused = (startSeconds: number, ms: number): Near => ({
    ...{ kind: "client-pause", text: `the client paused ${ms} ms`, startSeconds },
    endSeconds: startSeconds + ms / 1000,
  });
  const event: Near = { kind: "event", text: "kill m1", startSeconds: 3, endSeconds: 4 };
  const of = (...near: Near[]) => render("table", [{ ...SLOW, near }]);
  assert.match(of(paused(2, 51)), /1,030 +the client paused 51 ms$/m);
  const text = of(paused(2, 51), paused(2.5, 394), event);
  assert.match(text, /1,030 +kill m1; the client paused 2 times, up to 394 ms$/m);
});

test("markdown and the page have the same lines, and without slow requests there is no section", () => {
  for (const format of ["markdown", "html"]) {
    assert.match(render(format, [SLOW]), /Slowest requests/);
    assert.match(render(format, [SLOW]), /2\.056 s/);
  }
  for (const format of ["table", "markdown", "html"]) {
    assert.not.match(render(format, null), /Slowest requests/);
    assert.not.match(render(format, []), /Slowest requests/);
  }
});

test.run();
