/** --of of `bench memory`: what is added, how many, and what is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MEMORY_FLAGS } from "../../../../src/cli/memory/memory-flags.ts";
import { readFlags } from "../../../../src/flags/flag.ts";
import { THING_OF, THINGS } from "../../../../src/memory/things.ts";
import { refuses } from "../../../harness/refusal.ts";

const totalsOf = (of?: string) => readFlags(MEMORY_FLAGS, of === undefined ? {} : { of }).totals;

test("by default all kinds are added, and --of selects kinds with a given or the usual number", () => {
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

test("an unknown kind or number is refused with the possible ones", () => {
  refuses(() => totalsOf("watchers,sessions"), "--of", '"sessions"', "connections,streams");
  refuses(() => totalsOf("watchers:none"), "--of", '"none"', "40000");
});

test.run();
