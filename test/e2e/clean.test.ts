/** Runs `bench clean` on a real etcd: it shows what runs left, then deletes that and nothing else. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { deleteStored, readStored, store } from "../etcd/stored-keys.ts";
import { bench, measure } from "../harness/bench-process.ts";

onEachEtcd("clean", {}, (test, etcd) => {
  const at = () => `--endpoints=${etcd.endpoint}`;
  let cwd: string;

  test.before.each(async () => {
    cwd = await mkdtemp(join(tmpdir(), "bench-clean-"));
    await deleteStored(etcd.endpoint);
  });
  test.after.each(async () => {
    await rm(cwd, { recursive: true, force: true });
  });

  async function keysInEtcd(): Promise<string[]> {
    const { keys } = await readStored(etcd.endpoint);
    return keys.map(({ key }) => key.toString("latin1"));
  }

  test("--yes deletes the keys of saved runs; foreign and older keys stay", async () => {
    const others = ["p/", "p/a", "p/\0\0\0\0\0\x01x", "p/\0\0\0\0\0\x09"];
    for (const key of others) await store(etcd.endpoint, key, "foreign");
    const keys = ["--prefix=p/", "--sequential-keys", "--key-space-size=9", "--total=9"];
    const put = await measure(["put", at(), ...keys, "--save"], { cwd });
    assert.match(
      put.stderr,
      /what this run has put stays in etcd.*bench clean results --endpoints=/,
    );
    const varints = ["--key-encoding=varint", "--key-space-size=200", "--sequential-keys"];
    await measure(["put", at(), ...varints, "--total=200", "--save"], { cwd });

    const dry = await bench(["clean", at()], { cwd });
    assert.is(dry.code, EXIT.done, dry.stderr);
    assert.match(dry.stdout, / 9 +within 0x702f.* put \(1 run\)/);
    assert.match(dry.stdout, /200 +keys of 8 bytes, the varints below 200 +put/);
    assert.match(dry.stdout, /209 keys at /);
    assert.match(dry.stderr, /nothing was deleted; --yes/);
    assert.is((await keysInEtcd()).length, 209 + others.length);

    const [dead] = await freePorts(1);
    const behindDead = `--endpoints=127.0.0.1:${dead},${etcd.endpoint}`;
    const { stdout } = await bench(["clean", behindDead, "results", "--yes"], { cwd });
    assert.match(stdout, /Deleted 209 keys\./);
    assert.equal(await keysInEtcd(), others.sort());
    const again = await bench(["clean", at()], { cwd });
    assert.match(
      again.stdout,
      /^No keys of saved runs are at \S+: none within 0x702f.*, of the keys of 8 bytes, the varints below 200\. Keys of runs that were not saved are found by --prefix=TEXT\.$/m,
    );
  });

  test("where no saved run may have left keys, it says that nothing was looked for", async () => {
    await store(etcd.endpoint, "/bench/registry/pods/a", "of a run that was not saved");
    const saved = ["--prefix=p/", "--total=9", "--save"];
    await measure(["put", "--local", `--etcd=${(await etcd.version.binary()).path}`, ...saved], {
      cwd,
    });
    const { code, stdout, stderr } = await bench(["clean", at()], { cwd });
    assert.is(code, EXIT.done, stderr);
    assert.match(stderr, /1 saved run had a temporary cluster/);
    assert.match(
      stdout,
      /^Nothing was looked for at \S+, as no saved run may have left keys there\. Keys of runs that were not saved are found by --prefix=TEXT\.$/m,
    );
    assert.equal(await keysInEtcd(), ["/bench/registry/pods/a"]);
  });

  test("--prefix deletes all keys with this prefix, and an empty prefix is refused", async () => {
    for (const key of ["a/1", "a/2", "b/1"]) await store(etcd.endpoint, key, "x");
    const { stdout } = await bench(["clean", at(), "--prefix=a/", "-y"], { cwd });
    assert.match(stdout, /Deleted 2 keys\./);
    assert.equal(await keysInEtcd(), ["b/1"]);
    const { code, stderr } = await bench(["clean", at(), "--prefix=", "-y"], { cwd });
    assert.is(code, EXIT.usage);
    assert.match(stderr, /every key of etcd would go/);
  });
});
