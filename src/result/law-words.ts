/** Words where Little's law does not hold for a run, which must hold where clients are never idle. */
import { formatNoun } from "../text/noun.ts";
import type { OperationResult, RunResult } from "./schema.ts";

export type LittlesLaw = NonNullable<OperationResult["littlesLaw"]>;

/** How far the measured mean may be from clients / rate. */
const TOLERANCE = 0.05;

/** Whether the measured mean lies within 5% of the expected one. */
export function holdsLittlesLaw(law: LittlesLaw): boolean {
  return Math.abs(law.ratio - 1) <= TOLERANCE;
}

export const BROKEN_LAW = "Little's law does not hold";

/** What follows BROKEN_LAW, of each operation for which it does not hold. */
export function brokenLaws({ operations }: Pick<RunResult, "operations">): string[] {
  return operations.flatMap(({ name, littlesLaw }) =>
    isBroken(littlesLaw) ? [`for ${name}: ${lawText(littlesLaw)}`] : [],
  );
}

/**
 * `Little's law does not hold in 2 of 4 runs of base, most for put in one: clients over rate is ...`
 * @param what one of the runs, e.g. `run`; `of`: whose they are, e.g. ` of base`
 */
export function brokenLawTexts(
  runs: readonly Pick<RunResult, "operations">[],
  { what = "run", of = "" }: { what?: string; of?: string } = {},
): string[] {
  const broken = runs.flatMap(({ operations }) => {
    const found = operations.flatMap(({ name, littlesLaw }) =>
      isBroken(littlesLaw) ? [{ name, law: littlesLaw }] : [],
    );
    return found.length === 0 ? [] : [found.reduce(worse)];
  });
  if (broken.length === 0) return [];
  const { name, law } = broken.reduce(worse);
  const where = broken.length === 1 ? "" : ", most in one";
  const found = `${broken.length} of ${formatNoun(runs.length, what)}${of}`;
  return [`${BROKEN_LAW} for ${name} in ${found}${where}: ${lawText(law)}`];
}

interface Broken {
  name: string;
  law: LittlesLaw;
}

function worse(one: Broken, other: Broken): Broken {
  const far = ({ law: { ratio } }: Broken) => Math.abs(Math.log(ratio));
  return far(other) > far(one) ? other : one;
}

function isBroken(law: OperationResult["littlesLaw"]): law is LittlesLaw {
  return law !== null && !holdsLittlesLaw(law);
}

function lawText({ expectedMeanMs, measuredMeanMs }: LittlesLaw): string {
  return (
    `clients over rate is ${ms(expectedMeanMs)}, ` +
    `the mean latency is ${ms(measuredMeanMs)}; clients were idle, or a figure is wrong.`
  );
}

function ms(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toPrecision(3)} s` : `${value.toPrecision(3)} ms`;
}
