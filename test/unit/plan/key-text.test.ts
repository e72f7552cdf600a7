/** Tests that binary keys survive the command line, a plan, and the way back. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keyRangeOf } from "../../../src/plan/key-range.ts";
import { joinedKeyText, keyBytes, keyTextOf } from "../../../src/plan/key-text.ts";
import { commandLineOf, type Invocation, planFromFlags } from "../../../src/workloads/catalogue.ts";
import { KeyWriter } from "../../../src/workloads/parts/keys/key-writer.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import type { RangeWorkload } from "../../../src/workloads/range/schema.ts";
import { refusal } from "../../harness/refusal.ts";

const planned = (given: Invocation) => planFromFlags(given, {}).plan;

test("both forms preserve all octets, and a text stays the same text", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      const bytes = Buffer.from(octets);
      for (const form of ["hex", "base64", "base64url"] as const) {
        const given = `${form.replace("url", "")}:${bytes.toString(form)}`;
        const held = keyTextOf("the key", given);
        assert.ok(keyBytes(held).equals(bytes), given);
        assert.is(keyTextOf("the key", held), held, "what a plan holds is read again");
      }
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      if (/^(hex|base64):|\ufffd/.test(text)) return;
      assert.is(keyTextOf("the key", text), text);
      assert.ok(keyBytes(text).equals(Buffer.from(text)));
    }),
  );
  assert.is(keyTextOf("the key", "hex:C3A9"), "é");
  assert.is(keyTextOf("the key", "hex:FFFE71"), "hex:fffe71");
  assert.is(keyTextOf("the key", `hex:${Buffer.from("hex:a").toString("hex")}`), "hex:6865783a61");
});

test("the range of a prefix ends after all keys that begin with it, for any octets", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.uint8Array({ minLength: 1 }), (one, other) => {
      const prefix = Buffer.from(one);
      const text = `hex:${prefix.toString("hex")}`;
      const { key, end } = keyRangeOf({ key: text, end: null, prefix: true });
      assert.ok(key.equals(prefix));
      const isAfterAll = end!.equals(Buffer.from([0]));
      for (const each of [Buffer.from(other), Buffer.concat([prefix, Buffer.from(other)])]) {
        const lies = each.compare(key) >= 0 && (isAfterAll || each.compare(end!) < 0);
        assert.is(lies, each.subarray(0, prefix.length).equals(prefix));
      }
    }),
  );
});

test("a key that argv has damaged is refused, and the error names forms that preserve it", () => {
  const mangled = Buffer.from([0xff, 0xfe, 0x71]).toString("utf8");
  for (const given of [
    { command: "range", flags: {}, args: [mangled] },
    { command: "range", flags: {}, args: ["a", mangled] },
    { command: "txn-mixed", flags: { "end-key": mangled }, args: ["a"] },
    { command: "txn-mixed", flags: { prefix: mangled } },
    ...(
      ["put", "delete", "watch", "lock", "stm", "lease-grant", "kubernetes", "mixed"] as const
    ).map((command) => ({ command, flags: { prefix: mangled } }) as const),
  ] as Invocation[]) {
    const message = refusal(() => planned(given));
    assert.match(message, /hex:fffe71 or base64:/, given.command);
  }
  for (const key of [
    ...["hex:f", "hex:xy", "hex:ff ff", "hex:0x41", "base64:a*", "base64:Y", "base64:YQ="],
    ...["base64:YWFh=", "base64:YWFhY", "base64:Y=Q="],
  ]) {
    refusal(() => planned({ command: "range", flags: {}, args: [key] }));
  }
});

test("a plan and its command line contain the octets, and the command line gives the same plan", () => {
  const plan = planned({ command: "range", flags: {}, args: ["base64://5x", "hex:ffff"] });
  const { key, end } = plan.workload as RangeWorkload;
  assert.equal([key, end], ["hex:fffe71", "hex:ffff"]);
  assert.match(commandLineOf(plan), /hex:fffe71 hex:ffff$/);
  const again = planned({ command: "range", flags: {}, args: [key!, end!] });
  assert.equal(again, plan);

  const put = planned({ command: "put", flags: { prefix: "hex:fffe", "key-size": "4" } });
  const { keys } = put.workload as PutWorkload;
  const written = Buffer.alloc(4);
  new KeyWriter(keys).write(1, written, 0);
  assert.is(written.toString("hex"), "fffe0001");
  assert.match(commandLineOf(put), /--prefix=hex:fffe( |$)/);
});

test("leases of a mix are below the octets of its prefix, and a prefix of names must be text", () => {
  assert.is(joinedKeyText("hex:ff", "a/"), "hex:ff612f");
  assert.is(joinedKeyText("é", "a/"), "éa/");
  for (const command of ["lock", "election", "stm", "kubernetes"] as const) {
    refusal(() => planned({ command, flags: { prefix: "hex:ff" } }));
    planned({ command, flags: { prefix: "hex:62" } });
  }
});

test.run();
