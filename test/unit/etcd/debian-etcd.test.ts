/** Tests fetching etcd from a Debian mirror, with fake apt and dpkg-deb. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type DebianOptions, fetchDebian } from "../../../src/etcd/etcd-binary/debian.ts";
import { withFolder, writeScript } from "./etcd-fixtures.ts";

/**
 * A machine whose apt is shell scripts: `offers` maps a suite to the version of its etcd, and a
 * journal records each requested suite.
 */
async function withMachine(
  offers: Record<string, string>,
  body: (machine: {
    fetch: (more?: Partial<DebianOptions>) => ReturnType<typeof fetchDebian>;
    cacheFolder: string;
    asked: () => string[];
    configs: () => string;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const journal = join(folder, "journal");
    const configs = join(folder, "configs");
    const bin = join(folder, "bin");
    const aptFolder = join(folder, "apt");
    mkdirSync(aptFolder);
    writeFileSync(
      join(aptFolder, "sources.list"),
      "deb http://mirror.example/debian bookworm main contrib\n",
    );
    writeFileSync(join(folder, "os-release"), 'ID=debian\nVERSION_CODENAME="bookworm"\n');
    const cases = Object.entries(offers).map(([suite, version]) => `${suite}) v=${version};;`);
    writeScript(
      join(bin, "apt-get"),
      [
        'conf=$2; work=$(dirname "$conf")',
        'suite=$(sed -n "s/^Suites: //p" "$work/sources/bench.sources")',
        `case $suite in ${cases.join(" ")} *) v=;; esac`,
        'case "$4" in',
        `update) echo "$suite" >> "${journal}"; cat "$conf" >> "${configs}"`,
        '  [ "$v" = silent ] && { echo "E: Could not resolve host" >&2; exit 100; }',
        '  [ -n "$v" ] || { echo "W: noise" >&2; echo "E: no Release file" >&2; exit 100; };;',
        'download) echo "$v" > etcd-server.deb;;',
        "*) exit 9;; esac",
      ].join("\n"),
    );
    writeScript(
      join(bin, "dpkg-deb"),
      [
        'v=$(cat "$2"); mkdir -p "$3/usr/bin"',
        '[ "$v" = full ] && { echo "tar: Cannot write: No space left on device" >&2; exit 2; }',
        'printf \'#!/bin/sh\\n[ %s = broken ] && exit 1\\necho "etcd Version: %s"\\n\' "$v" "$v" > "$3/usr/bin/etcd"',
        'chmod +x "$3/usr/bin/etcd"; cp "$3/usr/bin/etcd" "$3/usr/bin/etcdctl"',
      ].join("\n"),
    );
    const cacheFolder = join(folder, "cache");
    await body({
      cacheFolder,
      fetch: (more = {}) =>
        fetchDebian({
          cacheFolder,
          env: { PATH: `${bin}:/usr/bin:/bin` },
          say: () => {},
          aptFolder,
          osReleasePath: join(folder, "os-release"),
          ...more,
        }),
      asked: () => (existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : []),
      configs: () => readFileSync(configs, "utf8"),
    });
  });
}

test("an apt-get that is there and cannot be run is not said to be absent", () =>
  withFolder(async (folder) => {
    const program = writeScript(join(folder, "apt-get"), "true");
    chmodSync(program, 0o644);
    const env = { PATH: folder };
    const outcome = await fetchDebian({ cacheFolder: join(folder, "cache"), env, say: () => {} });
    assert.equal(outcome, { failed: `${program} is not executable` });
  }));

test("the newest release on the mirror is fetched, and no older one is requested", () =>
  withMachine({ testing: "3.5.30", stable: "3.5.16" }, async (machine) => {
    const outcome = await machine.fetch();
    assert.ok("binary" in outcome);
    assert.equal(outcome.binary, {
      path: join(machine.cacheFolder, "3.5.30", "etcd"),
      etcdctlPath: join(machine.cacheFolder, "3.5.30", "etcdctl"),
      version: "3.5.30",
      source: "debian",
    });
    assert.equal(machine.asked(), ["unstable", "testing"]);
    assert.equal(readdirSync(machine.cacheFolder), ["3.5.30"]);
  }));

test("a full disk is an error of the system, for which no older release is asked", () =>
  withMachine({ unstable: "full", testing: "3.5.30" }, async (machine) => {
    const error = await machine.fetch().then(
      () => null,
      (each: NodeJS.ErrnoException) => each,
    );
    assert.equal([error?.code, error?.syscall], ["ENOSPC", "write"]);
    assert.equal(machine.asked(), ["unstable"]);
    assert.equal(readdirSync(machine.cacheFolder), []);
  }));

test("an etcd that does not run here is skipped, and the machine's own release is used", () =>
  withMachine({ unstable: "broken", bookworm: "3.4.23" }, async (machine) => {
    const outcome = await machine.fetch();
    assert.ok("binary" in outcome);
    assert.is(outcome.binary.version, "3.4.23");
    assert.equal(machine.asked(), ["unstable", "testing", "stable", "bookworm"]);
  }));

test("a given release is fetched alone, and cached under its own name", () =>
  withMachine({ unstable: "3.5.30", bookworm: "3.4.23" }, async (machine) => {
    const outcome = await machine.fetch({ release: "bookworm" });
    assert.ok("binary" in outcome);
    assert.equal(readdirSync(machine.cacheFolder), ["debian-bookworm"]);
    assert.equal(machine.asked(), ["bookworm"]);
  }));

test("apt does not touch the system: it uses our folders and runs no hooks", () =>
  withMachine({ unstable: "3.5.30" }, async (machine) => {
    await machine.fetch();
    const config = machine.configs();
    assert.match(config, "#clear APT::Update::Post-Invoke;");
    for (const setting of ["Dir::State", "Dir::State::lists", "Dir::Cache", "Dir::Log"]) {
      assert.match(config, `${setting} "${machine.cacheFolder}/.incoming-`);
    }
  }));

test("a failure has apt's message for each release, and an unreachable mirror is tried once", async () => {
  await withMachine({}, async (machine) => {
    const outcome = await machine.fetch();
    assert.ok("failed" in outcome);
    assert.match(outcome.failed, "unstable: no Release file");
    assert.match(outcome.failed, "bookworm: no Release file");
    assert.equal(readdirSync(machine.cacheFolder), []);
  });
  await withMachine({ unstable: "silent" }, async (machine) => {
    const outcome = await machine.fetch();
    assert.ok("failed" in outcome);
    assert.match(outcome.failed, "Could not resolve host");
    assert.equal(machine.asked(), ["unstable"]);
  });
});

test("a machine without apt or without a mirror gives a failure with that reason", () =>
  withMachine({}, async (machine) => {
    const noApt = await machine.fetch({ env: { PATH: "/nothing-here" } });
    assert.ok("failed" in noApt);
    assert.match(noApt.failed, "no apt-get");
    const noMirror = await machine.fetch({ aptFolder: "/nothing-here" });
    assert.ok("failed" in noMirror);
    assert.match(noMirror.failed, "names no mirror");
    assert.equal(machine.asked(), []);
  }));

test.run();
