/** Makes pairs of runs with noise, and compares them. */
import { type CompareOptions, compareRuns } from "../../../src/compare/compare.ts";
import type { Comparison } from "../../../src/compare/schema.ts";
import { type Random, seededRandom } from "../../../src/random.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import {
  latencyFixture,
  operationFixture,
  resultFixture,
  serverFixture,
} from "../../fixtures/result-fixture.ts";

export const OPTIONS: CompareOptions = { baseLabel: "a", headLabel: "b" };

// Tests make thousands of runs, which share all that no test changes.
const RUN = resultFixture({ server: [serverFixture()] });

const OPERATION = operationFixture();

const LATENCY = latencyFixture();

export function operationOf(name: string, throughputPerSec: number, p50Ms: number, p99Ms: number) {
  const serviceTime = { ...LATENCY, p50Ms, p99Ms };
  const requests = { ...OPERATION.requests };
  return { ...OPERATION, name, throughputPerSec, requests, serviceTime };
}

/** The `at`-th run of a session, a minute after the previous run. */
export function runAt(at: number, rate: number, p50Ms: number, p99Ms: number): RunResult {
  return {
    ...RUN,
    id: `run${at}`,
    startedAt: new Date(Date.UTC(2026, 7, 1, 10, at)).toISOString(),
    operations: [operationOf("put", rate, p50Ms, p99Ms)],
  };
}

/** Pairs AB, BA, AB, ... of noisy runs; the head is slower by `factor`. */
export function sidesOf(pairs: number, factor: number, noise: number, random: Random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const noisy = (value: number) => value * Math.exp(noise * normal());
  const base: RunResult[] = [];
  const head: RunResult[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const [ofBase, ofHead] = pair % 2 === 0 ? [2 * pair, 2 * pair + 1] : [2 * pair + 1, 2 * pair];
    base.push(runAt(ofBase, noisy(10_000), noisy(1), noisy(5)));
    head.push(runAt(ofHead, noisy(10_000) / factor, noisy(1) * factor, noisy(5) * factor));
  }
  return { base, head };
}

export function compared(pairs: number, factor: number, noise: number, seed: number): Comparison {
  const { base, head } = sidesOf(pairs, factor, noise, seededRandom(seed, 2));
  return compareRuns(base, head, OPTIONS);
}

export const metricOf = ({ cells }: Comparison, name: string) =>
  cells[0]!.metrics.find(({ metric }) => metric === name)!;
