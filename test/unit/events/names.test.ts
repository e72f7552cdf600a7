/** An event is one file: nothing else in src/ names a kind of event. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EVENT_KINDS, eventKind, TIMED_EVENTS } from "../../../src/events/catalogue.ts";

const SRC = fileURLToPath(new URL("../../../../src", import.meta.url));

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: withoutComments(readFileSync(join(SRC, file), "utf8")) }));

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** The files with a string, a property or a field of that name. */
function filesNaming(kind: string): string[] {
  const name = new RegExp(`["'\`]${kind}["'\`]|[.{,]\\s*${kind}\\b|^\\s*${kind}\\??:`, "m");
  return files.filter(({ text }) => name.test(text)).map(({ file }) => relative(".", file));
}

test("the kind of an event is a literal in its own file alone", () => {
  // The words of --event are those of processes and clusters, too.
  const words = new Set(TIMED_EVENTS.map(({ verb }) => verb));
  const kinds = EVENT_KINDS.filter(({ kind }) => !words.has(kind));
  assert.ok(kinds.length >= 3 && files.length > 100);
  for (const { kind } of kinds) {
    const naming = filesNaming(kind);
    assert.ok(naming.includes(`events/${kind}.ts`), `${kind}: ${naming}`);
    const others = naming.filter((file) => file !== `events/${kind}.ts`);
    assert.equal(others, [], `${kind} is named in ${others.join(", ")}`);
  }
});

test("load/, plan/, run/ and report/ name no word of --event as a text", () => {
  for (const { verb } of TIMED_EVENTS) {
    const naming = files.filter(({ file }) => /^(load|plan|run|report)\//.test(file));
    const found = naming.filter(({ text }) =>
      new RegExp(`["'\`]${verb} (leader|follower|random|client|peer|etcd)`).test(text),
    );
    assert.equal(
      found.map(({ file }) => file),
      [],
      verb,
    );
  }
});

test("each kind has a sign of its own in charts", () => {
  const marks = EVENT_KINDS.map(({ mark }) => mark);
  assert.is(new Set(marks).size, marks.length, marks.join());
  for (const { kind, mark } of EVENT_KINDS) assert.is(eventKind(kind).mark, mark);
});

test("a kind that a later version saved is called as it is saved", () => {
  const unknown = eventKind("solar-flare");
  assert.equal(
    [unknown.describe(null), unknown.describe("m1")],
    ["solar-flare", "solar-flare of m1"],
  );
});

test.run();
