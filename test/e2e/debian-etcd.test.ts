/** Downloads Debian's etcd 3.4 with apt and starts a cluster of it. */
import { existsSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { distributionMirrors, readAptSources } from "../../src/etcd/etcd-binary/apt-sources.ts";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { allOnPath } from "../../src/executable.ts";
import { olderEtcdForTests } from "../etcd/real-etcd.ts";

/** Whether apt on this machine has a mirror for Debian's bookworm. */
const hasDebianApt =
  allOnPath("apt-get", process.env).length > 0 &&
  distributionMirrors(readAptSources("/etc/apt"), "bookworm").some(({ uri }) =>
    uri.endsWith("/debian"),
  );
const testWithApt = hasDebianApt ? test : test.skip;

testWithApt(
  "Debian's etcd 3.4 is downloaded by apt, is kept, and starts a healthy cluster",
  async () => {
    const binary = await olderEtcdForTests();
    assert.match(binary.version, /^3\.4\./);
    assert.ok(["cache", "debian"].includes(binary.source));
    assert.ok(binary.etcdctlPath !== null && existsSync(binary.etcdctlPath));
    const cluster = await startLocalCluster({ binary, members: 3 });
    await cluster.down();
    assert.not.ok(existsSync(cluster.folder));
  },
);

test.run();
