/** The offset of an agent's clock is right within the uncertainty that is stated. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mappingOf, spreadOf } from "../../../src/agents/clock-mapping.ts";

const delays = fc.double({ min: 0, max: 50e6, noNaN: true });
const exchanges = fc.array(fc.record({ there: delays, work: delays, back: delays }), {
  minLength: 1,
  maxLength: 8,
});

test("whatever the ways take, the true offset is within the uncertainty, which is half the shortest round trip", () => {
  fc.assert(
    fc.property(exchanges, fc.integer({ min: -1e15, max: 1e15 }), (ways, offsetNs) => {
      let nowNs = 1e12;
      const mapping = mappingOf(
        ways.map(({ there, work, back }) => {
          const sentNs = nowNs;
          const heardNs = sentNs + there + offsetNs;
          nowNs += there + work + back;
          return { sentNs, receivedNs: nowNs, heardNs, answeredNs: heardNs + work };
        }),
      );
      const shortest = Math.min(...ways.map(({ there, back }) => (there + back) / 2));
      assert.ok(Math.abs(mapping.uncertaintyNs - shortest) < 2);
      assert.ok(Math.abs(mapping.offsetNs - offsetNs) <= mapping.uncertaintyNs + 2);
    }),
  );
});

test("the spread is from the first to the last", () => {
  assert.is(spreadOf([5, 1, 9]), 8);
  assert.is(spreadOf([5]), 0);
  assert.is(spreadOf([]), 0);
});

test.run();
