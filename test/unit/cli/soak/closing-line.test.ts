/** The last line of a soak reports only rows that are in the folder, and no --resume that cannot work. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { closingLine } from "../../../../src/cli/soak/closing-line.ts";

const WHOLE = { folder: "d", rows: 6, unwritten: 0, resume: null, isResumable: true };
const RESUME = "bench soak put --resume=d";

test("the number of rows that could be written is reported, of a soak that ended or was interrupted", () => {
  assert.is(closingLine(WHOLE), "rows are in d");
  assert.is(closingLine({ ...WHOLE, unwritten: 4 }), "2 of 6 rows are in d");
  assert.is(closingLine({ ...WHOLE, unwritten: 6, isResumable: false }), "no row is in d");
  assert.is(
    closingLine({ ...WHOLE, unwritten: 4, resume: RESUME }),
    `2 of 6 rows are in d; to measure the time that is left: ${RESUME}`,
  );
});

test("--resume is offered only where the folder has the soak's manifest", () => {
  const cut = { ...WHOLE, resume: RESUME };
  assert.is(closingLine(cut), `to measure the time that is left: ${RESUME}`);
  assert.is(
    closingLine({ ...cut, unwritten: 6, isResumable: false }),
    "no row is in d: --resume cannot go on with this soak",
  );
  assert.is(
    closingLine({ ...cut, rows: 0, isResumable: false }),
    "no row is in d: --resume cannot go on with this soak",
  );
});

test.run();
