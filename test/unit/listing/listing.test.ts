/** Tests lists of saved results: rows, widths, selection and the index. */
import { chmod, mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LIST_FLAGS } from "../../../src/cli/saved/list-flags.ts";
import { BenchError } from "../../../src/errors.ts";
import { INDEX_FILE } from "../../../src/listing/index-file.ts";
import { type ListedFolder, listFolder } from "../../../src/listing/listing.ts";
import { type ListingSelection, selectedListing } from "../../../src/listing/selection.ts";
import { saveResult } from "../../../src/result/save-result.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { rangeResultFixture } from "../../fixtures/result-fixture.ts";
import { ids, save } from "./listed-results.ts";

const test = suite<{ folder: string }>("listing");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-listing-"));
});

test.after.each(async ({ folder }) => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true, force: true });
});

const table = ({ listing }: ListedFolder) =>
  formatNamed("table").renderListing!(listing, { color: false, widthColumns: null });

test("a list has a line for each result, ordered by time, including folders below", async ({
  folder,
}) => {
  await save(folder, "second", { startedAt: "2026-08-02T10:11:12.345Z" });
  await save(path.join(folder, "below"), "first", { plan: { labels: { commit: "4f2" } } });
  const both = rangeResultFixture(["linearizable", "serializable"], { id: "third" });
  both.startedAt = "2026-08-03T00:00:00.000Z";
  both.origin = "published";
  await saveResult(folder, both);
  const listed = await listFolder(folder);
  assert.equal(ids(listed), ["first", "second", "third"]);
  const text = table(listed);
  assert.match(
    text,
    /^2026-08-01 10:11 +put +100 +1000 +3\.5\.30 +40,000 +52\.6 ms +service +valid +commit=4f2 +below\/2026/m,
  );
  assert.match(text, /^2026-08-03 00:00 +range-linearizable \+1 .* published +- +2026/m);
  assert.match(text, /^3 results in 3 files of .*; 1 published elsewhere$/m);
});

test("a list fits the terminal: texts are cut first, then columns are left out, and rows stay one line", async ({
  folder,
}) => {
  const labels = { commit: "4f2a9c1", session: "a-long-name-of-a-session" };
  await save(path.join(folder, "one", "two", "three"), "one", { plan: { labels } });
  await save(folder, "two", { startedAt: "2026-08-02T10:11:12.345Z", plan: { labels } });
  await writeFile(path.join(folder, "broken.json"), "{");
  const { listing } = await listFolder(folder);
  const linesAt = (widthColumns: number | null) =>
    formatNamed("table").renderListing!(listing, { color: false, widthColumns }).split("\n");
  for (const columns of [200, 150, 120, 100, 80, 60, 50]) {
    const [head, rule, ...rows] = linesAt(columns);
    for (const line of [head!, rule!, ...rows.slice(0, 3)]) {
      assert.ok(line.length <= columns, `${line.length} of ${columns}: ${line}`);
    }
    assert.match(rows[0]!, /^2026-08-01 10:11 +put .* 40,000 /);
    assert.match(rows.join("\n"), /^.*broken\.json is not JSON/m, "the whole error is below");
  }
  assert.match(linesAt(120).join("\n"), / commit=4f2a9c1 … {2}…/);
  assert.not.match(linesAt(60).join("\n"), /clock|conns|labels/);
  assert.match(linesAt(null)[2]!, /session=a-long-name-of-a-session +one\/two\/three\/2026/);
});

test("entries are selected by label, command and date, and published rows only on request", async ({
  folder,
}) => {
  await save(folder, "one", { plan: { labels: { commit: "a" } } });
  await save(folder, "two", { startedAt: "2026-08-02T10:11:12.345Z" });
  const range = rangeResultFixture(["linearizable"], { id: "three" });
  range.startedAt = "2026-08-03T00:00:00.000Z";
  range.plan.labels = { commit: "b" };
  await saveResult(folder, range);
  await saveResult(folder, { ...range, id: "others", origin: "published" });
  await writeFile(path.join(folder, "broken.json"), "{");
  const { listing } = await listFolder(folder);
  const all = { labels: [], commands: [], since: null, until: null, hasPublished: false };
  const selected = (selection: Partial<ListingSelection>) => {
    const { entries, publishedHidden } = selectedListing(listing, { ...all, ...selection });
    return [...entries.map(({ listed }) => listed?.id ?? "broken"), publishedHidden];
  };
  assert.equal(selected({}), ["one", "two", "three", "broken", 1]);
  assert.equal(selected({ hasPublished: true }).length, 6);
  assert.equal(selected({ labels: [["commit", "a"]] }), ["one", 0]);
  assert.equal(selected({ labels: [["commit", null]] }), ["one", "three", 1]);
  for (const name of ["toString", "constructor", "valueOf", "__proto__"]) {
    assert.equal(selected({ labels: [[name, null]] }), [0], name);
  }
  assert.equal(selected({ commands: ["put"] }), ["one", "two", 0]);
  assert.equal(selected({ commands: ["trend", "range"] }), ["three", 1]);
  const days = { since: "2026-08-02T00:00:00.000Z", until: "2026-08-03T00:00:00.000Z" };
  assert.equal(selected(days), ["two", 0]);
  assert.match(
    formatNamed("table").renderListing!(selectedListing(listing, all), {
      color: false,
      widthColumns: null,
    }),
    /; 1 published elsewhere not shown \(--published\); 1 file cannot be read$/m,
  );
});

test("a date that is not in the calendar is refused with its flag", () => {
  const { since, until } = LIST_FLAGS;
  assert.is(since.read({ since: "2028-02-29" }), "2028-02-29T00:00:00.000Z");
  assert.is(until.read({ until: "2026-11-30" }), "2026-12-01T00:00:00.000Z");
  assert.is(since.read({ since: "2026-11-30T10:11" }), "2026-11-30T10:11:00.000Z");
  for (const day of ["2026-11-31", "2026-02-29", "2026-02-30T10:00Z", "2026-13-01"]) {
    assert.throws(() => since.read({ since: day }), /^--since: .* is not a date or time in UTC/);
    assert.throws(() => until.read({ until: day }), /^--until: .* is not a date or time in UTC/);
  }
});

test("a changed file is read again, and an unchanged file is not", async ({ folder }) => {
  const file = await save(folder, "one");
  await save(folder, "two");
  assert.is((await listFolder(folder)).filesRead, 2);
  assert.is((await listFolder(folder)).filesRead, 0);
  await save(folder, "three");
  const more = await listFolder(folder);
  assert.equal([more.filesRead, ids(more).length], [1, 3]);
  // The same size with another time.
  await writeFile(file, (await readFile(file, "utf8")).replace('"one"', '"uno"'));
  await utimes(file, 1e9, 1e9);
  const changed = await listFolder(folder);
  assert.is(changed.filesRead, 1);
  assert.ok(ids(changed).includes("uno"));
  await rm(file);
  const fewer = await listFolder(folder);
  assert.equal([fewer.filesRead, ids(fewer).length], [0, 2]);
  assert.not.match(await readFile(path.join(folder, INDEX_FILE), "utf8"), /"uno"/);
});

test("files of one size and one time that take each other's names are read again", async ({
  folder,
}) => {
  const [one, two] = [path.join(folder, "one.json"), path.join(folder, "two.json")];
  await rename(await save(folder, "one", { plan: { labels: { commit: "aaa" } } }), one);
  await rename(await save(folder, "two", { plan: { labels: { commit: "bbb" } } }), two);
  for (const file of [one, two]) await utimes(file, 1e9, 1e9);
  const labels = async () =>
    Object.fromEntries(
      (await listFolder(folder)).listing.entries.map(({ file, listed }) => [file, listed!.labels]),
    );
  assert.equal(await labels(), {
    "one.json": { commit: "aaa" },
    "two.json": { commit: "bbb" },
  });
  await rename(one, path.join(folder, "kept"));
  await rename(two, one);
  await rename(path.join(folder, "kept"), two);
  assert.equal(await labels(), {
    "one.json": { commit: "bbb" },
    "two.json": { commit: "aaa" },
  });
});

test("an index with values of another type is made again", async ({ folder }) => {
  await save(folder, "one", { plan: { labels: { commit: "4f2" } } });
  await listFolder(folder);
  const index = path.join(folder, INDEX_FILE);
  const whole = await readFile(index, "utf8");
  const forgeries = [
    ['"commit":"4f2"', '"commit":{}'],
    ['"kind":"result"', '"of":"x","kind":"constructor"'],
    ['"isPublished":false', '"isPublished":"x"'],
    ['"clock":"service"', '"clock":"x"'],
    ['"inode":', '"inode":"x","was":'],
  ] as const;
  for (const [written, forged] of forgeries) {
    assert.ok(whole.includes(written), written);
    await writeFile(index, whole.replace(written, forged));
    const listed = await listFolder(folder);
    assert.equal([listed.filesRead, ids(listed)], [1, ["one"]], forged);
    assert.is(await readFile(index, "utf8"), whole);
  }
});

test("an index that is cut off, or from another bench, is made again", async ({ folder }) => {
  await save(folder, "one");
  await listFolder(folder);
  const index = path.join(folder, INDEX_FILE);
  const whole = await readFile(index, "utf8");
  for (const broken of [whole.slice(0, 50), "null", whole.replace(/"tool":"[^"]*/, '"tool":"x')]) {
    await writeFile(index, broken);
    const listed = await listFolder(folder);
    assert.equal([listed.filesRead, ids(listed)], [1, ["one"]]);
    assert.is(await readFile(index, "utf8"), whole);
  }
});

test("a file from a newer bench, or not from bench, is listed as unreadable", async ({
  folder,
}) => {
  const file = await save(folder, "one");
  const newer = (await readFile(file, "utf8")).replace('"schemaVersion": 1', '"schemaVersion": 7');
  await writeFile(path.join(folder, "newer.json"), newer);
  await writeFile(path.join(folder, "broken.json"), "{");
  await writeFile(path.join(folder, "suite.json"), "{}");
  const listed = await listFolder(folder);
  assert.is(ids(listed)[0], "one");
  assert.match(ids(listed)[1]!, /broken\.json is not JSON/);
  assert.match(ids(listed)[2]!, /newer\.json has schemaVersion 7, and this bench reads up to 1: /);
  assert.match(table(listed), /^- +- .* unreadable +.*newer\.json has schemaVersion 7, /m);
  assert.match(table(listed), /^1 result in 1 file of .*; 2 files cannot be read$/m);
  assert.is((await listFolder(folder)).filesRead, 0);
});

test("the list is complete even if no index can be written", async ({ folder }) => {
  await save(folder, "one");
  // A folder with the name of the index stops even root, which ignores permissions.
  await mkdir(path.join(folder, INDEX_FILE));
  const { indexFailure, listing } = await listFolder(folder);
  assert.is(listing.entries.length, 1);
  assert.match(indexFailure!.message, /cannot write .*\.bench-index/);
});

test("a path that is no folder is refused, and an empty folder gives an empty list", async ({
  folder,
}) => {
  const refused = async (target: string, words: RegExp) => {
    const thrown = await listFolder(target).catch((cause: unknown) => cause);
    assert.instance(thrown, BenchError);
    assert.match((thrown as BenchError).message, words);
  };
  await refused(path.join(folder, "none"), /^cannot read .*none: no such file or folder$/);
  await refused(await save(folder, "one"), /is a file; bench report prints it/);
  const empty = path.join(folder, "empty");
  await mkdir(empty);
  assert.match(table(await listFolder(empty)), /^0 results in 0 files of /);
});

test("markdown and JSON have the same list", async ({ folder }) => {
  await save(folder, "one");
  const { listing } = await listFolder(folder);
  const render = (format: string) =>
    formatNamed(format).renderListing!(listing, { color: false, widthColumns: null });
  assert.equal(JSON.parse(render("json")), listing);
  assert.match(
    render("markdown"),
    /^\| started \(UTC\) \| what \| etcd \| verdict \| labels \| file \|/,
  );
  assert.match(render("markdown"), /\| 40,000 \| 52\.6 ms \| service \|$/m);
});

test.run();
