/** Tests that the text of a result has the same data, in lines that a user can read. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { jsonText } from "../../../src/result/json-text.ts";
import { operationFixture, resultFixture, serverFixture } from "../../fixtures/result-fixture.ts";

test("the text parses to the same data, for any data", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      const text = jsonText(data);
      assert.ok(text.endsWith("\n"));
      assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(data)));
    }),
  );
  assert.equal(JSON.parse(jsonText(resultFixture())), resultFixture());
});

test("nested values are indented, and each interval has one line", () => {
  assert.is(
    jsonText({ a: [{ b: 1, c: null }, { d: [] }], e: {}, f: undefined, g: ["x", 2], h: { i: 1 } }),
    `{
  "a": [
    {"b":1,"c":null},
    {
      "d": []
    }
  ],
  "e": {},
  "g": [
    "x",
    2
  ],
  "h": {
    "i": 1
  }
}
`,
  );
});

test("a list of numbers has one line, with null for missing figures", () => {
  assert.is(jsonText({ a: [1.5, null, 2], b: [] }), '{\n  "a": [1.5,null,2],\n  "b": []\n}\n');
});

test("ten minutes of five operations and three members, with one-second intervals, stay below 1 MB", () => {
  const [interval] = operationFixture().intervals;
  // The longest figures: five digits, none of them missing.
  const long = { minMs: 0.56525, meanMs: 8.1744, p50Ms: 6.2054, p99Ms: 49.086 };
  const intervals = Array.from({ length: 600 }, (_, at) => ({
    ...interval!,
    ...long,
    startSeconds: at + 0.999817,
    durationSeconds: 0.998941,
    maxMs: 49.086,
  }));
  const operations = ["mixed", "put", "range", "delete", "txn-put"].map((name) =>
    operationFixture({ name, intervals }),
  );
  const histogram = "x".repeat(4_000);
  for (const { serviceTime } of operations) serviceTime.histogram = histogram;
  const column = (value: number) => Array.from({ length: 600 }, () => value);
  const samples = {
    atSeconds: column(599.987),
    rssBytes: column(123_456_789),
    cpuPercent: column(123.456),
    walFsyncP99Ms: column(12.345),
    backendCommitP99Ms: column(12.345),
  };
  const server = [1, 2, 3].map((at) => serverFixture({ member: `m${at}`, samples }));
  const bytes = Buffer.byteLength(jsonText(resultFixture({ operations, server })));
  assert.ok(bytes < 1e6, `${bytes}`);
});

test.run();
