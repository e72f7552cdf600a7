/** Tests the claim of a session's folder: of this process, of another living one, and of dead ones. */
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import { identityOf } from "../../../src/etcd/local-cluster/process-identity.ts";
import { findSavedFiles } from "../../../src/result/saved-files.ts";
import { claimSession, releaseSession, releasingClaims } from "../../../src/saved/session-claim.ts";
import { whileClaimed } from "../../harness/foreign-claim.ts";

const test = suite<{ folder: string }>("the claim of a session's folder");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-session-"));
});

test.after.each(async ({ folder }) => {
  releaseSession(folder);
  await rm(folder, { recursive: true, force: true });
});

/** As a process with this pid and start time leaves it. */
async function claimOf(folder: string, pid: number, startTime: string): Promise<void> {
  const name = `.bench-session.${pid}.${encodeURIComponent(startTime)}`;
  await writeFile(path.join(folder, name), "");
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}

test("a folder that a living process uses is refused with its pid, and its claim stays", async ({
  folder,
}) => {
  const pid = process.ppid;
  const claiming = async () => {
    const error = await claimSession(folder, "resume").then(
      () => assert.unreachable("nothing was thrown"),
      (thrown: unknown) => thrown,
    );
    assert.instance(error, BenchError);
    const { message, exitCode } = error as BenchError;
    assert.is(exitCode, EXIT.usage);
    assert.is(
      message,
      `--resume: ${folder} is in use by bench with pid ${pid}: wait until it ends, or stop it`,
    );
    assert.is((await readdir(folder)).length, 1);
  };
  await whileClaimed(folder, claiming, pid);
  await claimSession(folder, "resume");
});

test("claims of dead processes are taken over: an ended one, a reused pid, an earlier boot", async ({
  folder,
}) => {
  const { pid, startTime } = identityOf(process.ppid);
  await claimOf(folder, 2 ** 22 + 1, startTime!);
  await claimOf(folder, pid, `${startTime!}1`);
  await claimOf(folder, pid, `another-boot/${startTime!.split("/").at(-1)}`);
  await claimOf(folder, pid, "");
  await writeFile(path.join(folder, ".bench-session."), "");
  await claimSession(folder, "resume");
  const names = await readdir(folder);
  assert.is(names.length, 1, names.join());
  assert.ok(names[0]!.startsWith(`.bench-session.${process.pid}.`));
});

test("a claim is no saved file, holds for its own process, and leaves nothing when it is released", async ({
  folder,
}) => {
  await claimSession(folder, "save");
  await claimSession(`${folder}/.`, "resume");
  assert.equal((await findSavedFiles(folder))!.names, []);
  releaseSession(folder);
  releaseSession(folder);
  assert.equal(await readdir(folder), []);
  const failing = async () => {
    await claimSession(folder, "resume");
    throw new Error("refused");
  };
  assert.is(await releasingClaims(failing).catch(({ message }) => message), "refused");
  assert.equal(await readdir(folder), [], "released where its command fails");
});

test("folders that were made for a session go with its claim if they are empty", async ({
  folder,
}) => {
  const inner = path.join(folder, "results", "inner");
  await claimSession(inner, "save");
  releaseSession(inner);
  assert.not(await isThere(path.join(folder, "results")));
  await claimSession(inner, "save");
  await writeFile(path.join(inner, "suite.json"), "{}");
  releaseSession(inner);
  assert.equal(await readdir(inner), ["suite.json"]);
  const own = path.join(folder, "own");
  await mkdir(own);
  await claimSession(own, "save");
  releaseSession(own);
  assert.ok(await isThere(own), "it was there before");
});

test.run();
