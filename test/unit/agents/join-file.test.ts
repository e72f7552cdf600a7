/** The join file has the secrets of a group: it is read whole, or refused without quoting it. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  accessOf,
  agentName,
  isPrivate,
  JOIN_FILE_VERSION,
  type JoinFile,
  newGroupSecret,
  ofGroup,
  readJoinFile,
  writeJoinFile,
} from "../../../src/agents/join-file.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-join-file-"));
test.after(() => rmSync(folder, { recursive: true }));

const JOIN: JoinFile = {
  version: JOIN_FILE_VERSION,
  endpoints: ["10.0.0.7:2379"],
  group: "load",
  secret: newGroupSecret(),
  tls: { ca: "an authority", cert: "a certificate", key: "a key", serverName: null },
  user: { name: "root", password: "never-shown" },
};
let files = 0;

function pathOfNew(): string {
  files += 1;
  return join(folder, `${files}.json`);
}

function refusalOf(text: string, mode = 0o600): string {
  const path = pathOfNew();
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  try {
    readJoinFile("--join", path);
  } catch (error) {
    const { message, exitCode } = error as Error & { exitCode: number };
    assert.is(exitCode, 2);
    assert.not.match(message, /never-shown|\n/);
    return message;
  }
  throw new Error("it was taken");
}

test("a written file is read back, and only its owner can read it", () => {
  const path = pathOfNew();
  writeJoinFile(path, JOIN);
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.equal(readJoinFile("--join", path), JOIN);
  assert.equal(accessOf(JOIN).credentials, { user: "root", password: "never-shown" });
  assert.throws(() => writeJoinFile(path, JOIN), /cannot write the join file/);
  assert.match(readFileSync(path, "utf8"), /\n$/);
});

test("a file that others may read is refused", () => {
  for (const mode of [0o640, 0o604, 0o660]) {
    assert.match(refusalOf(JSON.stringify(JOIN), mode), /other users may read it; chmod 600/);
  }
});

test("a group may read a file of root, and only then, if the user is not root", () => {
  const [root, user] = [0, 65_532];
  assert.ok(isPrivate({ mode: 0o100440, uid: root }, user));
  assert.ok(isPrivate({ mode: 0o100640, uid: root }, user));
  for (const mode of [0o444, 0o460, 0o450]) assert.not(isPrivate({ mode, uid: root }, user));
  assert.not(isPrivate({ mode: 0o440, uid: root }, root));
  assert.not(isPrivate({ mode: 0o440, uid: user }, user));
  assert.ok(isPrivate({ mode: 0o400, uid: user }, user));
});

test("a broken join file is refused with the field that is wrong", () => {
  assert.match(refusalOf("{never-shown"), /is no JSON/);
  assert.match(refusalOf("{}"), /version is missing or wrong/);
  assert.match(refusalOf(JSON.stringify({ ...JOIN, version: 2 })), /version/);
  assert.match(refusalOf(JSON.stringify({ ...JOIN, endpoints: [] })), /endpoints/);
  assert.match(refusalOf(JSON.stringify({ ...JOIN, group: "a/b" })), /group/);
  assert.match(refusalOf(JSON.stringify({ ...JOIN, secret: "never-shown" })), /secret/);
  assert.match(refusalOf(JSON.stringify({ ...JOIN, user: { name: "root" } })), /user\.password/);
  assert.throws(
    () => readJoinFile("--join", join(folder, "none")),
    /^--join: there is no such file; the name is not repeated/,
  );
});

test("a flag may name another group", () => {
  assert.is(ofGroup(JOIN, null).group, "load");
  assert.is(ofGroup(JOIN, "other").group, "other");
  assert.throws(() => ofGroup(JOIN, "a/b"), /--group/);
});

test("an agent without a name gets a new one, which is valid as a flag value too", () => {
  const name = agentName(null);
  assert.is(agentName(name), name);
  assert.is.not(agentName(null), name);
});

test.run();
