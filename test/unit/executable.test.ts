/** Tests which programs can be run, and what is said of one that is there and cannot. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  allOnPath,
  lookAtProgram,
  lookOnPath,
  noexecMount,
  type ProgramFiles,
  type Refused,
} from "../../src/executable.ts";

const test = suite<{ folder: string }>("executable");

test.before.each((context) => {
  context.folder = realpathSync(mkdtempSync(join(tmpdir(), "bench-executable-")));
});
test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

/** Lets no program run, with these mounts below `/`. */
function hostWith(...mounts: [at: string, options: string][]): ProgramFiles {
  const lines = [["/", "rw,relatime"], ...mounts].map(
    ([at, options], id) => `${id} 1 0:39 / ${at} ${options} shared:1 - tmpfs none rw`,
  );
  return { mayRun: () => false, mounts: () => `${lines.join("\n")}\n` };
}

function program(path: string, mode = 0o755): string {
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, mode);
  return path;
}

test("a program on a file system mounted noexec is refused for that, with the mount", ({
  folder,
}) => {
  const [disk, other] = [join(folder, "a disk"), join(folder, "other")];
  for (const each of [disk, other]) mkdirSync(each);
  const host = hostWith([disk.replace(" ", "\\040"), "rw,noexec,relatime"], [folder, "rw"]);
  const path = program(join(disk, "etcd"));
  const refused = lookAtProgram(path, host) as Refused;
  assert.is(
    `${refused.path} ${refused.why}`,
    `${path} is on a file system that lets no program run (${disk} is mounted noexec)`,
  );
  assert.match(refused.fix, `mount -o remount,exec ${disk}`);
  const link = join(other, "etcd");
  symlinkSync(path, link);
  assert.match((lookAtProgram(link, host) as Refused).why, `(${disk} is mounted noexec)`);
  const look = lookOnPath("etcd", { PATH: `${other}:${disk}` }, host);
  assert.equal([look.runnable, look.refused.map((each) => each.path)], [[], [link, path]]);
});

test("the mount of a folder to come is that of the nearest folder that is there", ({ folder }) => {
  const host = hostWith([folder, "rw,noexec"], [join(folder, "in"), "rw"]);
  mkdirSync(join(folder, "in"));
  assert.is(noexecMount(join(folder, "to", "come"), host), folder);
  assert.is(noexecMount(join(folder, "in", "to", "come"), host), null);
  assert.is(noexecMount(`${folder}-other`, host), null);
  assert.is(noexecMount(folder, { ...host, mounts: () => "" }), null);
  const covered = hostWith([folder, "rw,noexec"], [folder, "rw"]);
  assert.is(noexecMount(folder, covered), null);
});

test("a file without the permission to run, for all or for this user, is refused for that", ({
  folder,
}) => {
  const text = program(join(folder, "text"), 0o644);
  assert.is((lookAtProgram(text) as Refused).why, "is not executable");
  const theirs = program(join(folder, "theirs"), 0o700);
  const { why } = lookAtProgram(theirs, hostWith()) as Refused;
  assert.is(why, "may not be run by this user (its mode is 700)");
  assert.is(lookAtProgram(folder), "absent");
  assert.is(lookAtProgram(join(folder, "nothing")), "absent");
  assert.is(lookAtProgram(theirs), "runs");
  assert.equal(allOnPath("theirs", { PATH: folder }), [theirs]);
});

test.run();
