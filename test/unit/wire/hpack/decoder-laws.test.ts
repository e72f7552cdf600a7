/** Checks the HPACK decoder on random octets and against a naive model. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HpackError } from "../../../../src/wire/hpack/decoder.ts";
import { drawn } from "../../../harness/whole-run.ts";
import { decode, decoderOf, literal, sizeUpdate } from "./decoded-blocks.ts";
import { tableOf } from "./dynamic-table-probe.ts";

test("random octets are decoded or refused with HpackError", () => {
  let refused = 0;
  let decoded = 0;
  const firstOctets = fc.constantFrom(0x20, 0x3f, 0x40, 0x00, 0x10, 0x7f, 0x82, 0xbe, 0xff);
  // Most long sequences of octets cannot be decoded.
  const octets = fc.array(fc.oneof(fc.nat(255), firstOctets, fc.nat(6)), {
    maxLength: 60,
    size: "small",
  });
  fc.assert(
    fc.property(fc.array(octets, { minLength: 1, maxLength: 4 }), fc.nat(300), (blocks, table) => {
      const decoder = decoderOf({ table, list: 500 });
      for (const block of blocks) {
        try {
          const { names, values } = decode(decoder, block);
          const size = [...names, ...values].reduce((sum, text) => sum + text.length, 0);
          assert.ok(size + 32 * names.length <= 500);
          decoded++;
        } catch (error) {
          if (!(error instanceof HpackError)) throw error;
          refused++;
        }
      }
    }),
    { seed: 7541, numRuns: drawn({ daily: 1_500, whole: 5_000 }) },
  );
  assert.ok(refused > 100 && decoded > 100, `${refused} refused, ${decoded} decoded`);
});

/** The dynamic table exactly as RFC 7541 section 4 defines it; its size is summed at every step. */
class NaiveTable {
  entries: (readonly [name: string, value: string])[] = [];
  maxSizeBytes: number;

  constructor(maxSizeBytes: number) {
    this.maxSizeBytes = maxSizeBytes;
  }

  insert(name: string, value: string): void {
    this.entries = [[name, value], ...this.entries];
    this.trim();
  }

  trim(): void {
    const size = () => this.entries.reduce((sum, [n, v]) => sum + n.length + v.length + 32, 0);
    while (size() > this.maxSizeBytes) this.entries.pop();
  }
}

test("the dynamic table holds the same entries as a naive model of RFC 7541 section 4", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 40 });
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("insert" as const), text, value: text }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("reuse" as const), at: fc.nat(9), value: text }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("resize" as const), size: fc.nat(400) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("limit" as const), size: fc.nat(400) }) },
  );
  let evictions = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(400), (steps, initialLimit) => {
      const decoder = decoderOf({ table: initialLimit });
      const model = new NaiveTable(initialLimit);
      let limit = initialLimit;
      for (const next of steps) {
        const before = model.entries.length;
        if (next.kind === "insert") {
          decode(decoder, literal(0x40, next.text, next.value));
          model.insert(next.text, next.value);
        } else if (next.kind === "reuse") {
          // This insertion may evict the entry whose name it uses (4.4).
          if (next.at >= before) continue;
          decode(decoder, literal(0x40, 62 + next.at, next.value));
          model.insert(model.entries[next.at]![0], next.value);
        } else {
          if (next.kind === "limit") {
            limit = next.size;
            decoder.setMaxTableSizeBytes(limit);
          }
          model.maxSizeBytes = Math.min(next.size, limit);
          decode(decoder, sizeUpdate(model.maxSizeBytes));
          model.trim();
        }
        if (model.entries.length < before) evictions++;
        assert.equal(tableOf(decoder), model.entries);
      }
    }),
    { seed: 7541, numRuns: 300 },
  );
  assert.ok(evictions > 50, `${evictions} evictions`);
});

test.run();
