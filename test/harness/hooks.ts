/** Hooks of uvu, which loses what one of them throws and only counts the tests that then do not run. */
import type { Test } from "uvu";

/** As `test.before(hook)`; why the hook failed is printed. */
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
