/** Tests the report of a comparison of the members' hashes, and its effect on the verdict. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodeOf } from "../../../src/cli/exit-code.ts";
import { tableFormat } from "../../../src/report/table.ts";
import { hashFaults } from "../../../src/result/hash-kv.ts";
import type { HashKv } from "../../../src/result/schema.ts";
import { judge } from "../../../src/run/verdict.ts";
import { runResultSchema } from "../../../src/saved/schemas.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

type Member = HashKv["members"][number];

function hashKv(isEqual: boolean | null, ...members: Partial<Member>[]): HashKv {
  return {
    revision: 1234,
    isEqual,
    members: members.map((member, at) => ({
      name: `m${at + 1}`,
      endpoint: `127.0.0.1:${at + 1}`,
      hash: 7,
      compactRevision: 50,
      durationSeconds: 0.25,
      error: null,
      ...member,
    })),
  };
}

const EQUAL = hashKv(true, {}, {}, {});
const UNEQUAL = hashKv(false, {}, { hash: 8 }, {});
const SILENT = hashKv(null, {}, { hash: null, error: "UNAVAILABLE: refused" });
const APART = hashKv(null, {}, { compactRevision: -1 });

test("the message for unequal members gives the value of each member", () => {
  assert.equal(hashFaults(null), []);
  assert.equal(hashFaults(EQUAL), []);
  assert.equal(hashFaults(UNEQUAL), [
    "the members differ at revision 1234: HashKV is 7 of m1 and m3, 8 of m2",
  ]);
  assert.match(hashFaults(SILENT).join(), /could not be compared by HashKV: m2: UNAVAILABLE/);
  assert.match(hashFaults(APART).join(), /different revisions, which is 50 of m1, -1 of m2$/);
  assert.match(hashFaults(hashKv(null)).join(), /none is known/);
});

test("members that are not proved equal fail the run, even if all requests succeeded", () => {
  const { plan, operations, client } = resultFixture();
  for (const [found, code, kind] of [
    [null, 0, "valid"],
    [EQUAL, 0, "valid"],
    [UNEQUAL, 1, "errors"],
    [SILENT, 1, "errors"],
    [APART, 1, "errors"],
  ] as const) {
    const verdict = judge(plan, operations, client, { sentShare: null }, found);
    assert.is(verdict.kind, kind);
    assert.is(exitCodeOf(resultFixture({ hashKv: found, verdict })), code);
  }
});

test("the table has one line on HashKV", () => {
  const line = (found: HashKv | null) => {
    const text = tableFormat.render([resultFixture({ hashKv: found })], {
      color: false,
      widthColumns: 120,
    });
    return text.split("\n").filter((each) => each.startsWith("HashKV"));
  };
  assert.equal(line(null), []);
  assert.equal(line(EQUAL), ["HashKV at revision 1,234: equal on all 3 members (7)"]);
  assert.equal(line(hashKv(true, {})), ["HashKV at revision 1,234: 7, of the one member"]);
  assert.match(line(UNEQUAL).join("\n"), /^HashKV: FAILED \(the members differ at revision 1234: /);
});

test("an older result without the comparison is read as one without it", () => {
  const { hashKv: _, ...older } = resultFixture();
  assert.is(runResultSchema.parse(older).hashKv, null);
});

test.run();
