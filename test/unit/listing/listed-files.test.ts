/** Tests which files a list includes: links, copies, and a broken index. */
import { execFileSync } from "node:child_process";
import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadSaved } from "../../../src/compare/saved.ts";
import { INDEX_FILE } from "../../../src/listing/index-file.ts";
import { listFolder } from "../../../src/listing/listing.ts";
import { loadFolder } from "../../../src/saved/store.ts";
import { ids, save } from "./listed-results.ts";

const test = suite<{ folder: string }>("listing");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-listing-"));
});

test.after.each(async ({ folder }) => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true, force: true });
});

test("files that are not regular are skipped with a reason, and a list never waits for them", async ({
  folder,
}) => {
  await save(folder, "one");
  execFileSync("mkfifo", [path.join(folder, "pipe.json"), path.join(folder, INDEX_FILE)]);
  await symlink("/dev/zero", path.join(folder, "endless.json"));
  await symlink("nowhere", path.join(folder, "broken.json"));
  await symlink("circle.json", path.join(folder, "circle.json"));
  const listed = await listFolder(folder);
  assert.equal(ids(listed), ["one"]);
  assert.match(listed.indexFailure!.message, /cannot write .*\.bench-index: it is no regular file/);
  const skipped = listed.listing.skipped.map(({ file, why }) => `${path.basename(file)} ${why}`);
  assert.equal(skipped.sort(), [
    "broken.json leads nowhere: no such file or folder",
    "circle.json leads nowhere: its links lead in a circle",
    "endless.json is no regular file",
    "pipe.json is no regular file",
  ]);
});

test("folders and files whose names are no UTF-8 are skipped with a reason, and the others are listed", async ({
  folder,
}) => {
  await save(folder, "one");
  const odd = Buffer.concat([Buffer.from(`${folder}/z`), Buffer.from([0xff])]);
  await mkdir(odd);
  await writeFile(Buffer.concat([odd, Buffer.from(".json")]), "{}");
  const listed = await listFolder(folder);
  assert.equal(ids(listed), ["one"]);
  assert.equal(
    listed.listing.skipped.map(({ file, why }) => [path.basename(file), why]).sort(),
    ["z\ufffd", "z\ufffd.json"].map((name) => [
      name,
      "cannot be read: its name has octets that are no UTF-8; rename it",
    ]),
  );
});

test("each result is listed once, despite links and copies", async ({ folder }) => {
  const elsewhere = path.join(folder, "elsewhere");
  const results = path.join(folder, "results");
  const file = await save(path.join(results, "run"), "one");
  const name = path.basename(file);
  await save(elsewhere, "two", { startedAt: "2026-08-02T10:11:12.345Z" });
  await symlink("run", path.join(results, "latest"));
  await symlink("..", path.join(results, "parent"));
  await symlink(".", path.join(results, "run", "self"));
  await symlink(elsewhere, path.join(results, "other"));
  await link(file, path.join(results, "hard.json"));
  await copyFile(file, path.join(results, "copy.json"));
  for (let round = 0; round < 2; round++) {
    const listed = await listFolder(results);
    assert.equal(ids(listed), ["one", "two"]);
    const why = listed.listing.skipped.map((each) => each.why);
    assert.is(why.length, 5, why.join("; "));
    assert.ok(why.some((text) => /has the result one, which is in .*copy\.json too/.test(text)));
  }
  const { files, skipped } = await loadSaved([results, file]);
  assert.is(files.length, 2);
  assert.is(skipped.length, 6);
  const loaded = await loadFolder(results);
  assert.equal(loaded.results.map(({ id }) => id).sort(), ["one", "two"]);
  assert.ok(!loaded.files.includes(path.join(results, "latest", name)));
});

test("a file that is named twice is read once, and is not said to have a result twice", async ({
  folder,
}) => {
  const file = await save(folder, "one");
  const inDots = path.join(folder, ".").concat("/./", path.basename(file));
  const [copy, linked] = [path.join(folder, "copy.txt"), path.join(folder, "linked.txt")];
  await copyFile(file, copy);
  await symlink(file, linked);
  const { files, skipped } = await loadSaved([file, file, inDots, linked, copy, folder]);
  assert.equal(
    files.map((each) => each.file),
    [file],
  );
  assert.equal(skipped, [
    { file, why: "is read already" },
    { file: inDots, why: `is the file ${file}` },
    { file: linked, why: `is the file ${file}` },
    { file, why: "is read already" },
    { file: copy, why: `has the result one, which is in ${file} too` },
  ]);
});

test("a result that a file has twice is read once", async ({ folder }) => {
  const file = await save(folder, "one");
  const result = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify([result, result]));
  const { files, skipped } = await loadSaved([file]);
  assert.is(files.length, 1);
  assert.equal(skipped, [{ file, why: "has the result one, which is twice in it" }]);
});

test("an index that is broken, or from another bench of the same version, is made again", async ({
  folder,
}) => {
  await save(folder, "one");
  const first = await listFolder(folder);
  const index = path.join(folder, INDEX_FILE);
  const good = JSON.parse(await readFile(index, "utf8"));
  const [name] = Object.keys(good.files);
  const withFile = (change: object) => ({
    ...good,
    files: { [name!]: { ...good.files[name!], ...change } },
  });
  const listed = good.files[name!].listed[0];
  for (const broken of [
    { indexVersion: good.indexVersion, tool: good.tool },
    { ...good, files: null },
    { ...good, files: [] },
    { ...good, files: { [name!]: null } },
    withFile({ listed: null }),
    withFile({ listed: [null] }),
    withFile({ listed: [{ ...listed, labels: null }] }),
    withFile({ listed: [{ ...listed, startedAt: 5 }] }),
    withFile({ listed: [{ ...listed, kind: "comparison" }] }),
    withFile({ listed: [{ ...listed, clock: undefined }] }),
    withFile({ error: 5 }),
    withFile({ sizeBytes: "much" }),
    null,
    5,
    [],
  ]) {
    await writeFile(index, JSON.stringify(broken));
    const again = await listFolder(folder);
    assert.is(again.filesRead, 1, JSON.stringify(broken));
    assert.equal(again.listing, first.listing);
    assert.is((await listFolder(folder)).filesRead, 0);
  }
});

test.run();
