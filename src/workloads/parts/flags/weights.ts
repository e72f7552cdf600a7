/** Weights of operations as a user writes them: `put=20,range=70`. */
import { flagError } from "../../../errors.ts";

export interface Weighed<Operation> {
  operation: Operation;
  weight: number;
}

/** Their sum stays exact enough to draw by. */
const MAX_WEIGHT = 1e9;

/** @throws BenchError (usage) for what is none of `operations`, is named twice or weighs nothing. */
export function parseWeights<Operation extends string>(
  flag: string,
  text: string,
  operations: readonly Operation[],
  example: string,
): Weighed<Operation>[] {
  const fault = (words: string) =>
    flagError(flag.slice(2), `${flag}: ${words}, e.g. ${flag}=${example}`);
  const seen = new Set<string>();
  return text.split(",").map((part) => {
    const [word = "", weightText, ...more] = part.split("=").map((each) => each.trim());
    const operation = operations.find((each) => each === word);
    if (operation === undefined) {
      throw fault(`${JSON.stringify(word)} is not one of ${operations.join(", ")}`);
    }
    const isNumber = more.length === 0 && /^(\d+\.?\d*|\.\d+)$/.test(weightText ?? "");
    const weight = isNumber ? Number(weightText) : Number.NaN;
    if (!(weight > 0 && weight <= MAX_WEIGHT)) {
      throw fault(
        `${JSON.stringify(part.trim())} is not ${operation}= and a weight above 0, to 1e9: ` +
          "leave it out or give one",
      );
    }
    if (seen.has(operation)) throw fault(`${operation} is named twice: give it one weight`);
    seen.add(operation);
    return { operation, weight };
  });
}

export function formatWeights<Operation extends string>(
  mix: readonly Weighed<Operation>[],
): string {
  return mix.map(({ operation, weight }) => `${operation}=${weight}`).join(",");
}
