/** `--pprof` on real etcds: profiles in files next to the result, and a note where there are none. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { measure } from "../harness/bench-process.ts";

onEachEtcd("profiles", {}, (test, etcd) => {
  test("a throwaway cluster's profiles of the slowest window are saved with the result", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-profiles-"));
    try {
      const { path } = await etcd.version.binary();
      const load = ["--rate=50", "--duration=1s", "--pprof", "--save=kept"];
      const { result, stderr } = await measure(["put", "--local", `--etcd=${path}`, ...load], {
        cwd: folder,
      });
      assert.equal(
        result.profiles.map(({ member, kind }) => `${kind} of ${member}`),
        ["cpu of etcd1", "heap of etcd1"],
      );
      // The process is bench's own, so that its peak, its disk and its files are known.
      const [server] = result.server;
      assert.ok(server!.peakRssBytes! >= server!.rssMaxBytes!, `${server!.peakRssBytes}`);
      assert.ok(server!.walSizeBytes! > 0 && server!.diskWrittenBytes! >= 0);
      for (const { file, sizeBytes } of result.profiles) {
        assert.match(stderr, new RegExp(`saved kept/${file}`));
        const bytes = await readFile(join(folder, "kept", file));
        assert.is(bytes.length, sizeBytes);
        assert.match(gunzipSync(bytes).toString("latin1"), /etcd|runtime/);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("an etcd without --enable-pprof is noted, and the run goes on", async () => {
    const args = ["put", `--endpoints=${etcd.endpoint}`, "--total=20", "--pprof=heap"];
    const { result } = await measure(args);
    assert.equal(result.profiles, []);
    assert.match(result.notes.join(" "), /serves no profiles .*; start etcd with --enable-pprof/);
    assert.is(result.operations[0]!.requests.succeeded, 20);
  });
});
