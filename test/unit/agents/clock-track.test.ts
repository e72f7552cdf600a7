/** The offset of an agent's clock is right within its stated uncertainty, whatever the drift. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ClockTrack, MOST_DRIFT } from "../../../src/agents/clock-track.ts";
import { cases } from "../../harness/whole-run.ts";

/** Rounding of 64-bit floats at the times below, in nanoseconds. */
const ROUNDING_NS = 4;

/** One message between clocks that drift at a rate that changes from message to message. */
interface Step {
  /** Time until the next message is sent. */
  waitNs: number;
  /** Drift of the agent's clock against the coordinator's, from now on. */
  drift: number;
  /** How long the message travels, and in which direction. */
  delayNs: number;
  isFromAgent: boolean;
}

const step = fc.record({
  waitNs: fc.double({ min: 0, max: 30e9, noNaN: true }),
  drift: fc.double({ min: -0.999 * MOST_DRIFT, max: 0.999 * MOST_DRIFT, noNaN: true }),
  delayNs: fc.double({ min: 0, max: 500e6, noNaN: true }),
  isFromAgent: fc.boolean(),
});

/** The true clocks: the coordinator's shows the time, and the agent's has an offset and drifts. */
class Clocks {
  hereNs = 1e12;
  thereNs: number;
  #drift = 0;

  constructor(offsetNs: number) {
    this.thereNs = this.hereNs + offsetNs;
  }

  pass(ns: number, drift = this.#drift): void {
    this.#drift = drift;
    this.hereNs += ns;
    this.thereNs += ns * (1 + drift);
  }
}

function follow(
  steps: readonly Step[],
  offsetNs: number,
  look: (track: ClockTrack, clocks: Clocks, hasHeard: boolean) => void,
) {
  const clocks = new Clocks(offsetNs);
  const track = new ClockTrack();
  for (const { waitNs, drift, delayNs, isFromAgent } of steps) {
    clocks.pass(waitNs, drift);
    look(track, clocks, false);
    const sentNs = isFromAgent ? clocks.thereNs : clocks.hereNs;
    clocks.pass(delayNs);
    if (isFromAgent) track.heard(sentNs, clocks.hereNs);
    else track.told(sentNs, clocks.thereNs);
    look(track, clocks, isFromAgent);
  }
  return { track, clocks };
}

test("whatever the delays of messages and the drift of clocks, the uncertainty covers the true offset", () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: -1e13, max: 1e13 }),
      (steps, offsetNs) => {
        follow(steps, offsetNs, (track, { hereNs, thereNs }) => {
          const mapping = track.at(hereNs);
          const wrongNs = Math.abs(mapping.offsetNs - (thereNs - hereNs));
          assert.ok(
            wrongNs <= mapping.uncertaintyNs + ROUNDING_NS,
            `${wrongNs} ns off, and known to ${mapping.uncertaintyNs}`,
          );
        });
      },
    ),
    { numRuns: cases(300) },
  );
});

test("a stated drift rate covers the true one", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 40 }), (steps) => {
      let first: { hereNs: number; offsetNs: number } | null = null;
      follow(steps, 5e12, (track, { hereNs, thereNs }, hasHeard) => {
        const { uncertaintyNs } = track.at(hereNs);
        if (first === null && hasHeard && Number.isFinite(uncertaintyNs)) {
          first = { hereNs, offsetNs: thereNs - hereNs };
        }
        const drift = track.drift(hereNs);
        if (drift === null || first === null) return;
        const spanNs = hereNs - first.hereNs;
        const truePpm = ((thereNs - hereNs - first.offsetNs) / spanNs) * 1e6;
        const roundingPpm = ((2 * ROUNDING_NS) / spanNs) * 1e6;
        assert.ok(Math.abs(drift.ppm - truePpm) <= drift.uncertaintyPpm + roundingPpm);
      });
    }),
    { numRuns: cases(200) },
  );
});

test("the offset is unknown until messages went both ways", () => {
  const track = new ClockTrack();
  assert.is(track.at(1e9).uncertaintyNs, Number.POSITIVE_INFINITY);
  track.heard(5e9, 1e9);
  assert.is(track.at(1e9).uncertaintyNs, Number.POSITIVE_INFINITY);
  assert.is(track.drift(2e9), null);
  track.told(1e9, 5e9 + 2e6);
  assert.ok(Math.abs(track.at(1e9).offsetNs - (4e9 + 1e6)) < 1e4);
});

test("one exchange a second for an hour at 20 ppm drift bounds the offset to little more than the delay", () => {
  const steps = Array.from({ length: 7_200 }, (_, at): Step => {
    return { waitNs: 5e8, drift: 20e-6, delayNs: 1e6, isFromAgent: at % 2 === 0 };
  });
  const { track, clocks } = follow(steps, 0, () => {});
  const { offsetNs, uncertaintyNs } = track.at(clocks.hereNs);
  assert.ok(clocks.thereNs - clocks.hereNs > 70e6, "clocks are 72 ms apart by then");
  assert.ok(Math.abs(offsetNs - (clocks.thereNs - clocks.hereNs)) < 1e6);
  assert.ok(uncertaintyNs < 1.5e6, `${uncertaintyNs} ns`);
  const drift = track.drift(clocks.hereNs)!;
  assert.ok(Math.abs(drift.ppm - 20) < 1 && drift.uncertaintyPpm < 1);
});

test("after a clock jump, as on a suspended machine, the offset is measured anew", () => {
  const steps = Array.from({ length: 20 }, (_, at): Step => {
    return { waitNs: 1e9, drift: 0, delayNs: 1e6, isFromAgent: at % 2 === 0 };
  });
  const { track, clocks } = follow(steps, 0, () => {});
  for (const jumpNs of [5e9, -8e9]) {
    clocks.thereNs += jumpNs;
    for (let exchange = 0; exchange < 2; exchange++) {
      clocks.pass(1e9);
      track.told(clocks.hereNs - 1e6, clocks.thereNs);
      track.heard(clocks.thereNs - 1e6, clocks.hereNs);
    }
    const { offsetNs } = track.at(clocks.hereNs);
    assert.ok(Math.abs(offsetNs - (clocks.thereNs - clocks.hereNs)) < 2e6);
  }
});

test.run();
