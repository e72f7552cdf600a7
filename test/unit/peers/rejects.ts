/** Awaits a promise that must fail. */
import * as assert from "uvu/assert";

/** Asserts that the promise is rejected with an error whose text matches. */
export async function rejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const failure = await promise.then(
    () => "nothing was thrown",
    (error: unknown) => String(error),
  );
  assert.match(failure, message);
}
