/** The table of keys and bytes that reads received. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFormat } from "../../../src/report/table.ts";
import type { OperationResult } from "../../../src/result/schema.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: 120 };

function linesOf(received: OperationResult["received"]): string[][] {
  const operation = operationFixture({ name: "range-linearizable" });
  operation.received = received;
  operation.requests.succeeded = 4;
  const lines = tableFormat
    .render([resultFixture({ operations: [operation] })], OPTIONS)
    .split("\n");
  const title = lines.indexOf("Received");
  if (title < 0) return [];
  const cells = lines.slice(title + 1, lines.indexOf("", title));
  return cells.map((line) => line.trim().split(/ {2,}/)).filter((line) => line.length > 1);
}

test("keys and bytes are printed in total, per second and per answer", () => {
  const received = { keys: 2_000, bytes: 3_000_000, keysPerSec: 800, bytesPerSec: 1_200_000 };
  assert.equal(linesOf(received), [
    ["Operation", "keys", "keys/s", "keys per answer", "bytes", "MB/s"],
    ["range-linearizable", "2,000", "800", "500", "3.00 MB", "1.20"],
  ]);
});

test("an unknown rate has no column, and without reads there is no table", () => {
  const [, line] = linesOf({ keys: 0, bytes: 0, keysPerSec: null, bytesPerSec: null });
  assert.equal(line, ["range-linearizable", "0", "0", "0 B"]);
  assert.equal(linesOf(null), []);
});

test.run();
