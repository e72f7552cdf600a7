/** --of of `bench memory`: what is added, how many, and what is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MEMORY_FLAGS } from "../../../../src/cli/memory/memory-flags.ts";
import { readFlags } from "../../../../src/flags/flag.ts";
import { THING_OF, THINGS } from "../../../../src/memory/things.ts";
import { refuses } from "../../../harness/refusal.ts";

const totalsOf = (of?: string) => readFlags(MEMORY_FLAGS, of === undefined ? {} : { of }).totals;

test("all things are added by default, and those that are named with their number or the usual one", () => {
  assert.equal([...totalsOf()!.keys()], [...THINGS]);
  const totals = totalsOf("watchers:100k, keys");
  assert.equal(
    [...totals!],
    [
      ["watcher", 100_000],
      ["key", THING_OF.key.total],
    ],
  );
});

test("another thing and another number are refused with what there is", () => {
  refuses(() => totalsOf("watchers,sessions"), "--of", '"sessions"', "connections,streams");
  refuses(() => totalsOf("watchers:none"), "--of", '"none"', "40000");
});

test.run();
