/** Tests where bench finds an etcd binary, and in which order. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import type { FetchOutcome } from "../../../src/etcd/etcd-binary/binary.ts";
import { publish, withIncoming } from "../../../src/etcd/etcd-binary/cache.ts";
import { type FetchWays, findEtcd } from "../../../src/etcd/etcd-binary/find.ts";
import { compareVersions, parseEtcdVersion } from "../../../src/etcd/etcd-binary/version.ts";
import { withFolder, writeFakeEtcd, writeScript } from "./etcd-fixtures.ts";

/** Ways to get etcd that fetch nothing, and count their calls. */
function deadWays(): FetchWays & { asked: string[] } {
  const asked: string[] = [];
  const way = (name: string) => async (): Promise<FetchOutcome> => {
    asked.push(name);
    return { failed: `${name} is out of order` };
  };
  const noexecMount = () => null;
  return { asked, archive: way("the archive"), debian: way("the package"), noexecMount };
}

async function cacheFake(folder: string, name: string, version: string): Promise<void> {
  const cacheFolder = join(folder, "cache", "etcd-bench", "etcd");
  await withIncoming(cacheFolder, async (workFolder) => {
    writeFakeEtcd(join(workFolder, "ready", "etcd"), version);
    await publish(cacheFolder, join(workFolder, "ready"), name, version, "archive");
  });
}

function environment(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: join(folder, "bin"),
    HOME: folder,
    XDG_CACHE_HOME: join(folder, "cache"),
  };
}

async function usageMessage(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).exitCode, EXIT.usage);
    return (error as BenchError).message;
  }
  assert.unreachable("no error was thrown");
  return "";
}

test("the order is flag, environment, PATH, cache, archive, package", () =>
  withFolder(async (folder) => {
    const ways = deadWays();
    const fetched = { path: "/p", etcdctlPath: null, version: "3.5.33" };
    const env = environment(folder);

    ways.debian = async () => ({ binary: { ...fetched, source: "debian" } });
    assert.is((await findEtcd({ env }, ways)).source, "debian");
    assert.equal(ways.asked, ["the archive"]);

    ways.archive = async () => ({ binary: { ...fetched, source: "archive" } });
    assert.is((await findEtcd({ env }, ways)).source, "archive");

    await cacheFake(folder, "3.5.1", "3.5.1");
    ways.archive = async () => assert.unreachable("fetched despite the cache") as never;
    const cached = await findEtcd({ env }, ways);
    assert.equal([cached.source, cached.version], ["cache", "3.5.1"]);

    writeFakeEtcd(join(folder, "bin", "etcd"), "3.5.2");
    writeScript(join(folder, "bin", "etcdctl"), "true");
    const onPath = await findEtcd({ env }, ways);
    assert.equal(onPath, {
      path: join(folder, "bin", "etcd"),
      etcdctlPath: join(folder, "bin", "etcdctl"),
      version: "3.5.2",
      source: "path",
    });

    env.ETCD_BIN = writeFakeEtcd(join(folder, "env", "etcd"), "3.5.3");
    const fromEnvironment = await findEtcd({ env }, ways);
    assert.equal([fromEnvironment.source, fromEnvironment.version], ["environment", "3.5.3"]);

    writeFakeEtcd(join(folder, "flag", "etcd"), "3.5.4");
    const explicitPath = join(folder, "flag");
    const fromFlag = await findEtcd({ env, explicitPath }, ways);
    assert.equal([fromFlag.source, fromFlag.version], ["flag", "3.5.4"]);
    assert.is(fromFlag.path, join(explicitPath, "etcd"));
    assert.is(fromFlag.etcdctlPath, null);
  }));

const OTHER_ARCH = process.arch === "arm64" ? "s390x" : "arm64";

/** The head of a program for another processor, without which the system does not run it. */
function copyForOther(path: string): string {
  const head = Buffer.alloc(64);
  head.write("\x7fELF\x02\x01\x01", "latin1");
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(OTHER_ARCH === "arm64" ? 0xb7 : 0x16, 18);
  writeFileSync(path, head, { mode: 0o755 });
  return path;
}

test("a path from the user that is no etcd gives an error at once, without a fallback", () =>
  withFolder(async (folder) => {
    const ways = deadWays();
    writeFakeEtcd(join(folder, "bin", "etcd"), "3.5.2");
    const env = environment(folder);
    writeFileSync(join(folder, "text"), "not a program");
    const cases: [string, string | RegExp][] = [
      [join(folder, "absent"), "does not exist"],
      [join(folder, "text"), "is not executable"],
      [folder, "without an executable `etcd`"],
      [writeScript(join(folder, "other"), "echo other 1.0"), "is no etcd"],
      [writeScript(join(folder, "failing"), "exit 3"), "is no etcd"],
      [
        writeScript(join(folder, "broken"), "echo cannot load libc.so >&2; exit 127"),
        "did not print its version (exit code 127: cannot load libc.so): name an etcd",
      ],
      [
        writeScript(join(folder, "few"), "echo failed to create new OS thread >&2; exit 2"),
        "raise the limit of processes and threads (ulimit -u)",
      ],
      [writeScript(join(folder, "reading"), "cat"), "is no etcd"],
      [
        copyForOther(join(folder, "foreign")),
        `is built for ${OTHER_ARCH}, and this machine is ${process.arch}: name an etcd`,
      ],
      [writeFakeEtcd(join(folder, "old"), "3.3.25"), /3\.3\.25.*3\.4\.0 or newer/],
    ];
    for (const [path, expected] of cases) {
      const flag = await usageMessage(findEtcd({ env, explicitPath: path }, ways));
      assert.match(flag, expected);
      assert.match(flag, `--etcd ${path}`);
      assert.not.match(flag, "\n");
      const variable = findEtcd({ env: { ...env, ETCD_BIN: path } }, ways);
      assert.match(await usageMessage(variable), "$ETCD_BIN");
    }
    assert.equal(ways.asked, []);
  }));

test("if everything fails, one error names each attempt and what to install", () =>
  withFolder(async (folder) => {
    const ways = deadWays();
    const said: string[] = [];
    writeScript(join(folder, "bin", "etcd"), "exit 1");
    const env = environment(folder);
    const say = (line: string) => said.push(line);
    const message = await usageMessage(findEtcd({ env, say }, ways));
    for (const part of [
      `${join(folder, "bin", "etcd")} on PATH is no etcd`,
      join(folder, "cache", "etcd-bench", "etcd"),
      "the archive is out of order",
      "the package is out of order",
      "etcd-server",
      "--etcd",
    ]) {
      assert.match(message, part);
    }
    assert.match(said.join("\n"), "the archive is out of order");
    const looked = await usageMessage(findEtcd({ env, fetch: false }, ways));
    assert.match(looked, "fetching was not allowed");
    assert.is(ways.asked.length, 2);
  }));

test("nothing is fetched into a cache whose file system lets no program run", () =>
  withFolder(async (folder) => {
    const ways = { ...deadWays(), noexecMount: () => "/mnt/x" };
    const env = environment(folder);
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    writeFakeEtcd(join(folder, "bin", "etcd"), "3.5.2");
    chmodSync(join(folder, "bin", "etcd"), 0o644);
    await cacheFake(folder, "3.5.9", "3.5.9");
    const cached = join(folder, "cache", "etcd-bench", "etcd", "3.5.9", "etcd");
    chmodSync(cached, 0o644);
    for (const [options, fix] of [
      [{}, "install etcd 3.4 or newer"],
      [{ version: "3.5.9" }, "name another etcd with --etcd PATH or $ETCD_BIN"],
      [{ release: "bookworm" }, "name another etcd with --etcd PATH or $ETCD_BIN"],
    ] as const) {
      const message = await usageMessage(findEtcd({ env, say, ...options }, ways));
      assert.match(message, "none is fetched, as no program runs in the cache");
      assert.match(message, "(/mnt/x is mounted noexec)");
      assert.match(
        message,
        "mount it with exec (mount -o remount,exec /mnt/x), set XDG_CACHE_HOME",
      );
      assert.match(message, fix);
      if (!("release" in options))
        assert.match(message, `${cached} in the cache is not executable`);
    }
    assert.equal(ways.asked, []);
    assert.match(
      said[0]!,
      `etcd: ${join(folder, "bin", "etcd")} on PATH is passed over: it is not executable; make it`,
    );
    assert.match(said[1]!, `${cached} in the cache is not executable`);
    assert.is(said.length, 2);
  }));

test("the cache gives the default version first, else the newest, and never one of another release", () =>
  withFolder(async (folder) => {
    const ways = deadWays();
    const env = environment(folder);
    const version = async () => (await findEtcd({ env }, ways)).version;
    await cacheFake(folder, "debian-bookworm", "3.4.23");
    await usageMessage(findEtcd({ env }, ways));
    await cacheFake(folder, "3.5.9", "3.5.9");
    assert.is(await version(), "3.5.9");
    await cacheFake(folder, "3.6.14", "3.6.14");
    await cacheFake(folder, "3.5.30", "3.5.30");
    assert.is(await version(), "3.6.14");
    await cacheFake(folder, "3.5.33", "3.5.33");
    assert.is(await version(), "3.5.33");
  }));

test("a given release or version is used, and no other, for any etcd on PATH", () =>
  withFolder(async (folder) => {
    const ways = deadWays();
    writeFakeEtcd(join(folder, "bin", "etcd"), "3.5.2");
    const env = environment(folder);
    assert.match(
      await usageMessage(findEtcd({ env, release: "bookworm" }, ways)),
      "the package is out of order",
    );
    assert.match(
      await usageMessage(findEtcd({ env, version: "3.6.14" }, ways)),
      "the archive is out of order",
    );
    assert.match(
      await usageMessage(findEtcd({ env, release: "../etc" }, ways)),
      "no name of a Debian release",
    );
    await cacheFake(folder, "debian-bookworm", "3.4.23");
    assert.is((await findEtcd({ env, release: "bookworm" }, ways)).version, "3.4.23");
    assert.equal(ways.asked, ["the package", "the archive"]);
  }));

test("versions are read from etcd's output and ordered as numbers", () => {
  assert.is(parseEtcdVersion("etcd Version: 3.4.23\nGit SHA: x\n"), "3.4.23");
  assert.is(parseEtcdVersion("etcd Version: 3.6.0-rc.1\n"), "3.6.0-rc.1");
  assert.is(parseEtcdVersion("etcdctl version: 3.5.30\n"), null);
  assert.is(parseEtcdVersion(""), null);
  const ordered = ["3.4.9", "3.4.23", "3.5.0-rc.0", "3.5.0", "3.10.1"];
  assert.equal([...ordered].reverse().sort(compareVersions), ordered);
});

test.run();
