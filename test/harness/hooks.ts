/** Wraps hooks of uvu, which hides their errors and only counts the tests that did not run. */
import type { Test } from "uvu";

/** Like `test.before(hook)`, but prints why the hook failed. */
export function before<Context>(test: Test<Context>, hook: (context: Context) => unknown): void {
  test.before(async (context) => {
    try {
      await hook(context);
    } catch (error) {
      console.error("the tests do not run, as what comes before them failed:", error);
      throw error;
    }
  });
}
