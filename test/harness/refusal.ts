/** Checks that a refusal of user input is one line with exit code 2. */
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../src/errors.ts";

/** The message with which `act` is refused. */
export function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.instance(error, BenchError, String(error));
    const { message, exitCode } = error as BenchError;
    assert.is(exitCode, EXIT.usage, message);
    assert.not.match(message, /\n/);
    return message;
  }
  return assert.unreachable("nothing was refused") as never;
}

export function refuses(act: () => unknown, ...words: string[]): void {
  const message = refusal(act);
  for (const word of words) assert.ok(message.includes(word), `"${message}" has "${word}"`);
}
