/** JUnit output of runs that are not valid. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatNamed } from "../../fixtures/formats.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };

function junitOf(strict: boolean): string {
  const verdict = { kind: "rate-unmet" as const, reasons: ["the schedule was not kept"] };
  const result = resultFixture({ plan: planFixture({ judge: { strict } }), verdict });
  return formatNamed("junit").render([result], OPTIONS);
}

test("a rate that was not met is skipped, or an error with --strict, like the exit code", () => {
  assert.match(junitOf(false), /errors="0" skipped="1"/);
  assert.match(junitOf(false), /name="verdict"><skipped message="rate-unmet; complete; the sch/);
  assert.match(junitOf(true), /errors="1" skipped="0"/);
  assert.match(junitOf(true), /name="verdict"><error message="rate-unmet; /);
});

test.run();
