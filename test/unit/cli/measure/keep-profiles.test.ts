/** Profiles are written whole or not at all. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keepProfiles } from "../../../../src/cli/measure/keep-profiles.ts";
import { SmallDisk } from "../../../harness/small-disk.ts";

test("a profile that does not fit on the disk leaves no file, and the error names it", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-profiles-"));
  const disk = await SmallDisk.make(folder, { sizeBytes: 65_536 });
  try {
    // Only a disk that is mounted for this test can be too small.
    if (!disk.isMounted) return;
    const bytes = Buffer.alloc(40_000, 1);
    const names = ["1-cpu-m.pb.gz", "1-heap-m.pb.gz"];
    const said: string[] = [];
    const failure = await keepProfiles(
      names.map((name) => ({ name, bytes })),
      disk.folder,
      (line) => said.push(line),
    );
    assert.match(failure!.message, /cannot write .*1-heap-m\.pb\.gz: no space left/);
    assert.equal(await readdir(disk.folder), [names[0]]);
    assert.equal(said, [`saved ${path.join(disk.folder, names[0]!)}`]);
  } finally {
    await disk.remove();
    await rm(folder, { recursive: true });
  }
});

test.run();
