/** Each kind of event is defined in one file: no other file in src/ names it. */
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

/** The files that contain the kind as a string, a property or a field. */
function filesNaming(kind: string): string[] {
  const name = new RegExp(`["'\`]${kind}["'\`]|[.{,]\\s*${kind}\\b|^\\s*${kind}\\??:`, "m");
  return files.filter(({ text }) => name.test(text)).map(({ file }) => relative(".", file));
}

test("the kind of an event is a literal only in its own file", () => {
  // The words of --event are also words for processes and clusters, so they are not searched.
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

test("load/, plan/, run/ and report/ contain no action of --event as text", () => {
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

test("each kind has its own mark in charts", () => {
  const marks = EVENT_KINDS.map(({ mark }) => mark);
  assert.is(new Set(marks).size, marks.length, marks.join());
  for (const { kind, mark } of EVENT_KINDS) assert.is(eventKind(kind).mark, mark);
});

test("an unknown kind from a later version is shown under its saved name", () => {
  const unknown = eventKind("solar-flare");
  assert.equal(
    [unknown.describe(null), unknown.describe("m1")],
    ["solar-flare", "solar-flare of m1"],
  );
});

test.run();
