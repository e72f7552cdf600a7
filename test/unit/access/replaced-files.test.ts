/** Files of certificates that were replaced since they were read are named, and pipes are not. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readNamedPipes } from "../../../src/access/named-pipe.ts";
import { replacedFileNotes } from "../../../src/access/replaced-files.ts";
import { countedNotes } from "../../../src/result/counted-notes.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

const test = suite<{ folder: string }>("replaced files");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "bench-replaced-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

const READ = { ca: "ca 1", cert: "cert 1", key: "key 1", serverName: null, skipVerify: false };

async function filesIn(folder: string) {
  const fileOf = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  return {
    caFile: await fileOf("ca.pem", READ.ca),
    certFile: await fileOf("cert.pem", READ.cert),
    keyFile: await fileOf("key.pem", READ.key),
    ...{ serverName: null, skipVerify: false },
  };
}

test("the flags whose files were replaced since they were read are named in one note", async ({
  folder,
}) => {
  const plan = await filesIn(folder);
  assert.equal(replacedFileNotes(plan, READ), []);
  await writeFile(join(folder, "next"), "cert 2");
  await rename(join(folder, "next"), plan.certFile);
  assert.match(
    replacedFileNotes(plan, READ).join(),
    /^The file of --cert changed after .* read it:/,
  );
  await writeFile(plan.keyFile, "key 2");
  const notes = replacedFileNotes(plan, READ);
  assert.match(notes.join(), /^The files of --cert, --key changed after bench had read them: /);
  const counted = countedNotes([resultFixture({ notes }), resultFixture()]);
  assert.equal(counted, [`in 1 of 2 runs: ${notes[0]}`]);
});

test("a file that is away is not called replaced, and without files there is no note", async ({
  folder,
}) => {
  const plan = await filesIn(folder);
  await rm(plan.certFile);
  assert.equal(replacedFileNotes(plan, READ), []);
  const none = { ...plan, caFile: null, certFile: null, keyFile: null };
  assert.equal(replacedFileNotes(none, { ...READ, ca: null, cert: null, key: null }), []);
  assert.equal(replacedFileNotes(null, READ), []);
  assert.equal(replacedFileNotes(plan, null), []);
});

test("what was read from a pipe is not compared, even where a file has its name by then", async ({
  folder,
}) => {
  const plan = await filesIn(folder);
  await rm(plan.caFile);
  assert.is(spawnSync("mkfifo", [plan.caFile]).status, 0);
  assert.equal(replacedFileNotes(plan, { ...READ, ca: "of the pipe" }), []);
  const reading = readNamedPipes([plan.caFile], () => {});
  await writeFile(plan.caFile, "of the pipe");
  assert.is((await reading).get(plan.caFile), "of the pipe");
  await rm(plan.caFile);
  await writeFile(plan.caFile, "ca 2");
  assert.equal(replacedFileNotes(plan, { ...READ, ca: "of the pipe" }), []);
});

test.run();
