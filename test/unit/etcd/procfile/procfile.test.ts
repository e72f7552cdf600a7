/** Tests reading Procfiles, on examples from etcd and its users. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../../src/errors.ts";
import {
  environmentOf,
  parseProcfile,
  procfileSentence,
  readProcfile,
} from "../../../../src/etcd/procfile/procfile.ts";
import {
  memberOf,
  programOf,
  withProgram,
} from "../../../../src/etcd/procfile/procfile-members.ts";
import { withFoundProgram } from "../../../../src/etcd/procfile/programs.ts";

const FIXTURES = fileURLToPath(new URL("../../../../../test/fixtures/procfiles/", import.meta.url));
const fixture = (name: string) => readFileSync(join(FIXTURES, `${name}.Procfile`), "utf8");
const parse = (text: string, renames = false) => parseProcfile("Procfile", text, renames);

test("upstream's Procfile has three processes, and goreman's sentence names them", () => {
  const entries = parse(fixture("three"));
  assert.equal(
    entries.map(({ name, line }) => [name, line]),
    [
      ["etcd1", 5],
      ["etcd2", 8],
      ["etcd3", 11],
    ],
  );
  assert.is(procfileSentence(entries), "valid procfile detected (etcd1, etcd2, etcd3)");
});

test("a repeated name is refused with both lines, or renamed", () => {
  const text = fixture("proxied");
  assert.throws(
    () => parse(text),
    /^Procfile: s3-client-proxy is on lines 13 and 14: rename one, or give --rename-duplicates$/,
  );
  const names = parse(text, true).map(({ name }) => name);
  assert.equal(names.slice(-2), ["s3-client-proxy", "s3-client-proxy-2"]);
  assert.is(names.length, 9);
});

test("comments and lines without a colon are skipped, and a file without other lines is refused", () => {
  assert.equal(parse("a: b\r\nnothing\n# c: d\n #e: f\n").length, 1);
  assert.throws(() => parse("# a: b\n"), /^Procfile: no valid entry: /);
  assert.throws(() => parse("a:\n"), /^Procfile:1: a line is a name, a colon and a command$/);
  assert.is(parse("a: b: c")[0]!.command, "b: c");
});

test("members are recognized by their flags, and grpc-proxy is no member", () => {
  const place = { path: "/p/Procfile", folder: "/p" };
  const [first] = parse(fixture("three"));
  assert.equal(memberOf(first!, place), {
    name: "infra1",
    endpoint: "127.0.0.1:2379",
    peerEndpoint: "127.0.0.1:12380",
    listen: { endpoint: "127.0.0.1:2379", peerEndpoint: "127.0.0.1:12380" },
    ...{ clientScheme: "http", peerScheme: "http", clientFiles: null },
    dataDir: "/p/infra1.etcd",
    hosts: ["127.0.0.1", "192.168.83.130", "127.0.0.1"],
  });
  const proxied = parse(fixture("proxied"), true).map((entry) => memberOf(entry, place));
  assert.equal(
    proxied.map((member) => member?.name ?? null),
    ["s1", null, null, "s2", null, null, "s3", null, null],
  );
  assert.is(proxied[0]!.endpoint, "127.0.0.1:13790");
  assert.is(proxied[0]!.listen.endpoint, "127.0.0.1:1379");
  assert.is(proxied[0]!.dataDir, "/tmp/etcd-proxy-data.s1");
  const of = (command: string) => memberOf({ name: "x", command, line: 1 }, place);
  assert.is(of("etcd grpc-proxy start --endpoints=a"), null);
  assert.is(of("etcd --force-new-cluster -name n")!.name, "n");
  assert.is(of("ETCD_DEBUG=1 exec /usr/bin/etcd")!.name, "default");
});

test("over TLS clients use a member's certificate, and --auto-tls is refused", () => {
  const place = { path: "/p/Procfile", folder: "/p" };
  const of = (flags: string) => {
    const urls = "--listen-client-urls=https://127.0.0.1:1 --listen-peer-urls=https://127.0.0.1:2";
    return memberOf({ name: "x", command: `etcd ${urls} ${flags}`, line: 3 }, place)!;
  };
  const own = of("--cert-file certs/a.pem --key-file=/k/a-key.pem");
  assert.equal([own.clientScheme, own.peerScheme], ["https", "https"]);
  assert.equal(own.clientFiles, {
    ca: "/p/certs/a.pem",
    cert: "/p/certs/a.pem",
    key: "/k/a-key.pem",
  });
  const signed = of("--cert-file a.pem --key-file a.key --trusted-ca-file=ca.pem");
  assert.is(signed.clientFiles!.ca, "/p/ca.pem");
  assert.throws(
    () => of("--auto-tls"),
    /^\/p\/Procfile:3: https needs --cert-file and --key-file, /,
  );
});

test("the program is the first word after variables and exec", () => {
  assert.is(programOf("A=1 B=2 exec bin/etcd --name x"), "bin/etcd");
  assert.is(withProgram("A=1 exec bin/etcd --name 'a b'", "/e"), "A=1 exec /e --name 'a b'");
});

test("an etcd that does not exist is replaced, and an existing program stays", async () => {
  const etcd = async () => ({
    path: "/my etcd/etcd",
    etcdctlPath: null,
    version: "3.5.30",
    source: "cache" as const,
  });
  const found = await withFoundProgram("bin/etcd --name s1", "/nonexistent", { PATH: "" }, etcd);
  assert.is(found.command, "'/my etcd/etcd' --name s1");
  const proxy = await withFoundProgram("bin/etcd-proxy --from a", "/", { PATH: "" }, etcd);
  assert.match(proxy.command, /main\.js proxy --from a$/);
  const own = await withFoundProgram(`${process.execPath} x`, "/", { PATH: "" }, etcd);
  assert.equal(own, { command: `${process.execPath} x`, replaced: null });
  const other = await withFoundProgram("other x", "/", { PATH: "" }, etcd);
  assert.equal(other, { command: "other x", replaced: null });
});

test("an etcd that is there and cannot be run is not replaced by another", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-procfile-"));
  try {
    writeFileSync(join(folder, "etcd"), "#!/bin/sh\n");
    chmodSync(join(folder, "etcd"), 0o644);
    const etcd = async () => assert.unreachable("another etcd was looked for") as never;
    for (const [command, PATH] of [
      ["./etcd --name s1", ""],
      ["etcd --name s1", folder],
    ] as const) {
      const error = await withFoundProgram(command, folder, { PATH }, etcd).catch(
        (reason: unknown) => reason,
      );
      assert.instance(error, BenchError);
      assert.is(
        (error as BenchError).message,
        `${folder}/etcd is not executable: make it executable (chmod +x)`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the environment of a process has the .env next to the Procfile, and PORT", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-procfile-"));
  try {
    writeFileSync(join(folder, "Procfile"), "a: x\nb: y\n");
    writeFileSync(join(folder, ".env"), "# c\nexport NAME='a b'\nPORT=1\n");
    const procfile = readProcfile(join(folder, "Procfile"), false);
    assert.equal(environmentOf(procfile, 1), { NAME: "a b", PORT: "5100" });
    assert.throws(() => readProcfile(join(folder, "none"), false), /none: no such file or folder/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a NUL in a Procfile or its .env is refused with its line number", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-procfile-"));
  try {
    const file = join(folder, "Procfile");
    writeFileSync(file, "a: b\nc: d\0e\n");
    assert.throws(() => readProcfile(file, false), /Procfile:2: there is a NUL character/);
    writeFileSync(file, "a: b\n");
    writeFileSync(join(folder, ".env"), "A=\0\n");
    assert.throws(() => readProcfile(file, false), /\.env:1: there is a NUL character/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
