/** Reads suites from text for tests, with the commands that bench has. */
import * as assert from "uvu/assert";
import { MEASURING_COMMANDS } from "../../../src/cli/measuring-commands.ts";
import { BenchError, EXIT } from "../../../src/errors.ts";
import { type Cell, cellsOf, type Overrides } from "../../../src/suite/cells.ts";
import { type ReadSuite, readSuite } from "../../../src/suite/read.ts";

export const read = (text: string): ReadSuite => readSuite("s.yaml", text, MEASURING_COMMANDS);

export function cells(text: string, overrides: Partial<Overrides> = {}): Cell[] {
  const none = { sets: new Map(), scale: 1, repeats: null, flags: {} };
  return cellsOf(read(text), MEASURING_COMMANDS, { ...none, ...overrides });
}

/** The one line that it is refused with. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.instance(error, BenchError, String(error));
    const { message, exitCode } = error as BenchError;
    assert.is(exitCode, EXIT.usage);
    assert.not(message.includes("\n"), message);
    return message;
  }
  return assert.unreachable("nothing was refused") as never;
}
