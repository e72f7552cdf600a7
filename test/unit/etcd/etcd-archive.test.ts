/** Tests fetching an etcd archive and caching it. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import {
  ARCHIVE_PINS,
  archivePlatform,
  DEFAULT_VERSION,
  fetchArchive,
} from "../../../src/etcd/etcd-binary/archive.ts";
import {
  cachedEtcd,
  etcdCacheFolder,
  publish,
  withIncoming,
} from "../../../src/etcd/etcd-binary/cache.ts";
import { fakeArchive, withFolder, withServer, writeFakeEtcd } from "./etcd-fixtures.ts";

const VERSION = "3.5.99";

/** A server with one archive, and a call of fetchArchive for it. */
async function withArchive(
  body: (setup: {
    folder: string;
    cacheFolder: string;
    sha256: string;
    requested: string[];
    fetch: (changes?: { sha256?: string; version?: string }) => ReturnType<typeof fetchArchive>;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const { bytes, sha256 } = fakeArchive(folder, VERSION);
    const requested: string[] = [];
    const path = `/v${VERSION}/etcd-v${VERSION}-${archivePlatform()}.tar.gz`;
    await withServer(
      (request, response) => {
        requested.push(request.url ?? "");
        if (request.url === path) response.end(bytes);
        else response.writeHead(404).end("not here");
      },
      async (baseUrl) => {
        const cacheFolder = join(folder, "cache");
        const fetch = (changes: { sha256?: string; version?: string } = {}) => {
          const version = changes.version ?? VERSION;
          return fetchArchive({
            version,
            cacheFolder,
            env: { ...process.env, BENCH_ETCD_ARCHIVE_URL: `${baseUrl}/` },
            say: () => {},
            pins: { [version]: { [archivePlatform()]: changes.sha256 ?? sha256 } },
          });
        };
        await body({ folder, cacheFolder, sha256, requested, fetch });
      },
    );
  });
}

test("a good archive is unpacked into the cache, only etcd and etcdctl", () =>
  withArchive(async ({ cacheFolder, fetch, requested }) => {
    const outcome = await fetch();
    assert.ok("binary" in outcome);
    const folder = join(cacheFolder, VERSION);
    assert.equal(outcome.binary, {
      path: join(folder, "etcd"),
      etcdctlPath: join(folder, "etcdctl"),
      version: VERSION,
      source: "archive",
    });
    assert.equal(readdirSync(folder).sort(), ["complete.json", "etcd", "etcdctl"]);
    assert.equal(readdirSync(cacheFolder), [VERSION]);
    assert.is(requested.length, 1);
    const cached = await cachedEtcd(cacheFolder, VERSION);
    assert.is(cached !== null && "source" in cached && cached.source, "cache");
  }));

test("a wrong checksum throws with file, expected and got, and leaves nothing in the cache", () =>
  withArchive(async ({ cacheFolder, fetch, sha256 }) => {
    const wrong = "0".repeat(64);
    try {
      await fetch({ sha256: wrong });
      assert.unreachable("the archive was taken");
    } catch (error) {
      assert.instance(error, BenchError);
      assert.is((error as BenchError).exitCode, EXIT.usage);
      const { message } = error as BenchError;
      assert.match(message, `etcd-v${VERSION}-${archivePlatform()}.tar.gz`);
      assert.match(message, `expected ${wrong}`);
      assert.match(message, `got ${sha256}`);
    }
    assert.equal(readdirSync(cacheFolder), []);
  }));

test("an archive that the server does not have gives a failure with URL and status", () =>
  withArchive(async ({ cacheFolder, fetch }) => {
    const outcome = await fetch({ version: "3.5.98" });
    assert.ok("failed" in outcome);
    assert.match(outcome.failed, "/v3.5.98/");
    assert.match(outcome.failed, "HTTP status 404");
    assert.equal(readdirSync(cacheFolder), []);
  }));

test("a server that cannot be reached, or never answers, gives a failure with the cause", async () => {
  await withFolder(async (folder) => {
    const attempt = (baseUrl: string) =>
      fetchArchive({
        version: VERSION,
        cacheFolder: join(folder, "cache"),
        env: { ...process.env, BENCH_ETCD_ARCHIVE_URL: baseUrl },
        say: () => {},
        pins: { [VERSION]: { [archivePlatform()]: "0".repeat(64) } },
        connectTimeoutMs: 200,
      });
    // The port of a closed server refuses connections.
    const closed = await withServer(
      () => {},
      async (baseUrl) => baseUrl,
    );
    const refused = await attempt(closed);
    assert.ok("failed" in refused);
    assert.match(refused.failed, `${closed}/v${VERSION}/`);
    assert.match(refused.failed, "cannot be fetched");
    await withServer(
      () => {},
      async (silent) => {
        const outcome = await attempt(silent);
        assert.ok("failed" in outcome);
        assert.match(outcome.failed, "no answer within 0.2 s");
      },
    );
  });
});

test("a connection that breaks in the middle of the archive gives a failure", () =>
  withFolder(async (folder) => {
    await withServer(
      (_request, response) => {
        response.writeHead(200, { "content-length": "100000" });
        response.write("partial", () => response.destroy());
      },
      async (baseUrl) => {
        const cacheFolder = join(folder, "cache");
        const outcome = await fetchArchive({
          version: VERSION,
          cacheFolder,
          env: { ...process.env, BENCH_ETCD_ARCHIVE_URL: baseUrl },
          say: () => {},
          pins: { [VERSION]: { [archivePlatform()]: "0".repeat(64) } },
        });
        assert.ok("failed" in outcome);
        assert.match(outcome.failed, "cannot be fetched");
        assert.equal(readdirSync(cacheFolder), []);
      },
    );
  }));

test("a missing tar gives a failure that names it", () =>
  withFolder(async (folder) => {
    const { bytes, sha256 } = fakeArchive(folder, VERSION);
    await withServer(
      (_request, response) => response.end(bytes),
      async (baseUrl) => {
        const outcome = await fetchArchive({
          version: VERSION,
          cacheFolder: join(folder, "cache"),
          env: { PATH: join(folder, "nothing-here"), BENCH_ETCD_ARCHIVE_URL: baseUrl },
          say: () => {},
          pins: { [VERSION]: { [archivePlatform()]: sha256 } },
        });
        assert.ok("failed" in outcome);
        assert.match(outcome.failed, "tar");
        assert.match(outcome.failed, "not installed");
      },
    );
  }));

test("concurrent fetches all succeed, and leave one complete etcd", () =>
  withArchive(async ({ cacheFolder, fetch, requested }) => {
    const outcomes = await Promise.all([fetch(), fetch(), fetch(), fetch()]);
    for (const outcome of outcomes) {
      assert.ok("binary" in outcome);
      assert.is(outcome.binary.path, join(cacheFolder, VERSION, "etcd"));
    }
    assert.is(requested.length, 4);
    assert.equal(readdirSync(cacheFolder), [VERSION]);
    assert.ok(await cachedEtcd(cacheFolder, VERSION));
  }));

test("a folder in the cache without its marker is ignored and replaced", () =>
  withFolder(async (cacheFolder) => {
    writeFakeEtcd(join(cacheFolder, VERSION, "etcd"), VERSION);
    assert.is(await cachedEtcd(cacheFolder, VERSION), null);
    await withIncoming(cacheFolder, async (workFolder) => {
      const ready = join(workFolder, "ready");
      writeFakeEtcd(join(ready, "etcd"), VERSION);
      await publish(cacheFolder, ready, VERSION, VERSION, "archive");
    });
    assert.ok(existsSync(join(cacheFolder, VERSION, "complete.json")));
    assert.equal(readdirSync(cacheFolder), [VERSION]);
  }));

test("every pinned checksum is a SHA-256 and the default version has its own", () => {
  const digests = Object.values(ARCHIVE_PINS).flatMap((platforms) => Object.values(platforms));
  assert.ok(digests.every((digest) => /^[0-9a-f]{64}$/.test(digest)));
  assert.is(new Set(digests).size, digests.length);
  assert.ok(ARCHIVE_PINS[DEFAULT_VERSION]?.["linux-amd64"]);
});

test("a home folder that does not exist is not made, and the error names it", () =>
  withFolder(async (folder) => {
    const home = join(folder, "nobody");
    const before = process.env.HOME;
    process.env.HOME = home;
    try {
      await withIncoming(etcdCacheFolder({ HOME: home }), async () => {});
      assert.unreachable("there is no place to fetch to");
    } catch (error) {
      assert.instance(error, BenchError);
      assert.match((error as BenchError).message, /^HOME=.*nobody does not exist/);
    } finally {
      if (before === undefined) delete process.env.HOME;
      else process.env.HOME = before;
    }
    assert.is(existsSync(home), false);
  }));

test.run();
