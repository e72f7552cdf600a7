/** The coordination etcd by a URL and files: as a join file, with no secrets in arguments. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { writeJoinFile } from "../../../src/agents/join-file.ts";
import { joinFileOf, type NamedCoordination } from "../../../src/agents/named-coordination.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-coordination-"));
const SECRET = Buffer.alloc(32, 7);

test.after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

const secretFile = file("secret", `${SECRET.toString("base64")}\n`);
const NONE: NamedCoordination = {
  ...{ coordination: null, agentGroup: null, coordinationSecretFile: null },
  ...{ coordinationCaFile: null, coordinationCertFile: null, coordinationKeyFile: null },
  ...{ coordinationUser: null, coordinationPasswordFile: null },
};
const byUrl = (changes: Partial<NamedCoordination>) =>
  joinFileOf({
    ...NONE,
    coordination: "http://a:1",
    coordinationSecretFile: secretFile,
    ...changes,
  });

test("URLs, a user and the files make the content of a join file", () => {
  const password = file("password", "so secret\n");
  assert.equal(
    byUrl({
      ...{ coordination: "http://a:2379,http://[::1]:1/", agentGroup: "load" },
      ...{ coordinationUser: "me", coordinationPasswordFile: password },
    }),
    {
      ...{ version: 1, endpoints: ["a:2379", "[::1]:1"], group: "load" },
      ...{ secret: SECRET.toString("base64url"), tls: null },
      user: { name: "me", password: "so secret" },
    },
  );
  const overTls = byUrl({ coordination: "https://a" })!;
  assert.equal(overTls.endpoints, ["a:443"]);
  assert.equal(overTls.tls, { ca: null, cert: null, key: null, serverName: null });
  assert.is(overTls.group, "default");
  assert.is(overTls.user, null);
});

test("a path is a join file, whose group a flag may change; without flags there is no join file", () => {
  const path = join(folder, "join.json");
  const written = byUrl({})!;
  writeJoinFile(path, written);
  assert.equal(joinFileOf({ ...NONE, coordination: path, agentGroup: "g" }), {
    ...{ ...written, group: "g" },
  });
  assert.is(joinFileOf(NONE), null);
});

test("missing, unusable or readable-by-others settings are named with the fix", () => {
  const other = file("other", "x", 0o644);
  for (const [changes, words] of [
    [{ coordinationSecretFile: null }, /needs --coordination-secret-file=FILE.*openssl rand/],
    [{ coordinationSecretFile: other }, /other users may read it; chmod 600/],
    [{ coordinationSecretFile: file("short", "abc") }, /has no secret of 32 octets/],
    [
      { coordinationSecretFile: join(folder, "none") },
      /there is no such file; .*make it by openssl/,
    ],
    [{ coordination: "http://me:so-secret@a:1" }, /a URL has a host and a port alone/],
    [{ coordination: "http://a:1/path" }, /a URL has a host and a port alone/],
    [{ coordination: "ftp://a:1" }, /a URL has a host and a port alone/],
    [{ coordination: "http://a:1,https://b:1" }, /all URLs as https, or all as http/],
    [{ coordinationCaFile: other }, /certificates have no meaning with http/],
    [{ coordination: "https://a", coordinationCertFile: other }, /needs --coordination-key/],
    [{ coordination: "https://a", coordinationCaFile: other }, /^--coordination-cacert: .* PEM/],
    [{ coordinationUser: "me" }, /--coordination-user needs --coordination-password-file/],
    [{ coordinationPasswordFile: secretFile }, /needs --coordination-user/],
    [
      { coordinationUser: "me", coordinationPasswordFile: file("empty", "\n") },
      /--coordination-password-file: .* is empty/,
    ],
    [
      { coordination: "coord:2379" },
      /--coordination-secret-file has no meaning without .*HOST:PORT, and coord:2379 was taken for a join file;/,
    ],
  ] as const) {
    assert.throws(() => byUrl(changes), words);
    try {
      byUrl(changes);
    } catch (error) {
      assert.not.match((error as Error).message, /so-secret/);
    }
  }
});

test.run();
