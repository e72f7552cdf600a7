/** Draws operations by weight and seed; each operation ends in the series of its kind. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Operations, Workload } from "../../../../src/load/workload.ts";
import { seededRandom } from "../../../../src/random.ts";
import type { RequestTemplate, Transport } from "../../../../src/wire/transport.ts";
import { Mix } from "../../../../src/workloads/parts/calls/mix.ts";
import {
  type RequestSource,
  SingleCalls,
} from "../../../../src/workloads/parts/calls/single-calls.ts";

/** Requests that contain their kind and number. */
function source(kind: number): RequestSource {
  const template = { path: "/a.B/C", bytes: Buffer.alloc(2), messageOffset: 0 };
  let next = 0;
  return {
    next: () => next++,
    request(ticket) {
      template.bytes.set([kind, ticket & 0xff]);
      return template;
    },
    restart() {
      next = 0;
    },
  };
}

class Recorded {
  readonly calls: [slot: number, kind: number, ticket: number][] = [];
  readonly resent: typeof this.calls = [];
  readonly ended: [client: number, series: number][] = [];
  readonly operations = {
    call: (_: number, slot: number, { bytes }: RequestTemplate) =>
      this.calls.push([slot, bytes[0]!, bytes[1]!]),
    resend: (slot: number, { bytes }: RequestTemplate) =>
      this.resent.push([slot, bytes[0]!, bytes[1]!]),
    end: (client: number, _: number, __: string, ___: number, series: number) =>
      this.ended.push([client, series]),
  } as unknown as Operations;

  mix(weights: number[], seed = 1): Mix {
    const kinds = weights.map((weight, kind) => ({
      weight,
      make: (operations: Operations) =>
        new SingleCalls(source(kind), 4, operations, {} as Transport),
    }));
    return new Mix(kinds, () => seededRandom(seed, 9), 4, this.operations);
  }
}

function shares(weights: number[], draws: number, seed = 1): number[] {
  const recorded = new Recorded();
  const mix = recorded.mix(weights, seed);
  for (let draw = 0; draw < draws; draw++) mix.begin(draw % 4, 0);
  return weights.map((_, kind) => recorded.calls.filter((call) => call[1] === kind).length);
}

test("operations are drawn by weight, within the bound of a binomial distribution", () => {
  for (const weights of [
    [20, 70, 10],
    [1, 1],
    [0.5, 1],
    [1, 128],
  ]) {
    const draws = 20_000;
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (const [kind, count] of shares(weights, draws).entries()) {
      const share = weights[kind]! / sum;
      // Five standard deviations. The seed is fixed, so the result is always the same.
      const bound = 5 * Math.sqrt(draws * share * (1 - share));
      assert.ok(
        Math.abs(count - draws * share) <= bound,
        `${weights}: ${kind} came ${count} times`,
      );
    }
  }
});

test("an operation of weight zero is never drawn, in first or last place", () => {
  assert.equal(shares([0, 1], 1_000), [0, 1_000]);
  assert.equal(shares([1, 0], 1_000), [1_000, 0]);
});

test("an operation ends in the series of its kind and can be resent while others go on", () => {
  const recorded = new Recorded();
  const mix = recorded.mix([1, 1]);
  for (let client = 0; client < 4; client++) mix.begin(client, 0);
  assert.is(new Set(recorded.calls.map(([, kind]) => kind)).size, 2, "both kinds were drawn");
  for (const [slot, kind] of recorded.calls) {
    mix.onCallUnprocessed(slot, 0);
    assert.is(mix.seriesOf(slot), kind + 1);
    mix.onCallEnd(slot, 0, "", 1);
    assert.equal(recorded.ended.at(-1), [slot, kind + 1]);
  }
  assert.equal(recorded.resent, recorded.calls);
});

test("an operation's counts, receipts, samples and failures are in its own series", () => {
  const noted: [what: string, series: number][] = [];
  const operations = {
    count: (series: number) => noted.push(["count", series]),
    received: (series: number) => noted.push(["received", series]),
    sample: (series: number) => noted.push(["sample", series]),
    fail: (series: number) => noted.push(["fail", series]),
  } as unknown as Operations;
  const kinds = [0, 1].map((weight) => ({
    weight,
    make: (own: Operations) => {
      own.count(0, "name", 1);
      own.received(0, 1, 1);
      own.sample(0, 1);
      own.fail(0, 1, 2, "");
      return {} as Workload;
    },
  }));
  new Mix(kinds, () => seededRandom(1, 1), 1, operations);
  const all = ["count", "received", "sample", "fail"];
  assert.equal(
    noted,
    [1, 2].flatMap((series) => all.map((what) => [what, series])),
  );
});

test("the series of an operation's parts come before the series of the next operation", () => {
  const noted: number[] = [];
  const operations = {
    end: (_: number, __: number, ___: string, ____: number, series: number) => noted.push(series),
    sample: (series: number) => noted.push(series),
  } as unknown as Operations;
  const made: Operations[] = [];
  const kinds = [2, 0, 1].map((parts) => ({
    weight: 1,
    parts,
    make: (own: Operations) => {
      made.push(own);
      return {} as Workload;
    },
  }));
  new Mix(kinds, () => seededRandom(1, 1), 1, operations);
  for (const own of made) own.end(0, 0, "", 0);
  made[0]!.sample(2, 1);
  made[2]!.sample(1, 1);
  assert.equal(noted, [1, 4, 5, 3, 6]);
});

test("a restarted phase draws the same operations and requests", () => {
  const recorded = new Recorded();
  const mix = recorded.mix([3, 1]);
  for (let round = 0; round < 100; round++) mix.begin(round % 4, 0);
  mix.restart(true);
  for (let round = 0; round < 100; round++) mix.begin(round % 4, 0);
  assert.equal(recorded.calls.slice(100), recorded.calls.slice(0, 100));
  assert.is.not(String(shares([3, 1], 100, 1)), String(shares([3, 1], 100, 3)));
});

test("the operation that made a call learns that the call has waited in the client", () => {
  const told: number[][] = [];
  const kinds = [0, 1].map((kind) => ({
    weight: kind,
    make: () =>
      ({
        begin: () => {},
        onCallSent: (client: number, ns: number) => told.push([kind, client, ns]),
      }) as unknown as Workload,
  }));
  const mix = new Mix(kinds, () => seededRandom(1, 9), 4, {} as Operations);
  mix.begin(2, 100);
  mix.onCallSent(2, 150);
  assert.equal(told, [[1, 2, 150]]);
});

test.run();
