/** Reads suites from text for tests, with the commands of bench. */
import { MEASURING_COMMANDS } from "../../../src/cli/measure/measuring-commands.ts";
import { type Cell, cellsOf, type Overrides } from "../../../src/suite/cells.ts";
import { type ReadSuite, readSuite } from "../../../src/suite/read.ts";

export const read = (text: string): ReadSuite => readSuite("s.yaml", text, MEASURING_COMMANDS);

export function cells(text: string, overrides: Partial<Overrides> = {}): Cell[] {
  const none = { sets: new Map(), scale: 1, repeats: null, flags: {}, only: [], skip: [] };
  return cellsOf(read(text), MEASURING_COMMANDS, { ...none, ...overrides });
}
