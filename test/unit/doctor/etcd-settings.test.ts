/** Reads etcd's flags as etcd does. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { etcdSettings, settingsOfProcess } from "../../../src/doctor/etcd-settings.ts";

test("flags have one dash or two, and their value after = or in the next word", () => {
  const settings = etcdSettings(
    [
      ...["--name=a", "-heartbeat-interval", "250", "--election-timeout=2500"],
      ...["--quota-backend-bytes", "8589934592", "--unsafe-no-fsync", "--data-dir=/d"],
      ...["--listen-peer-urls=http://10.0.0.1:2380,http://127.0.0.1:2380"],
      "--auto-compaction-retention=5m",
    ],
    new Map(),
  )!;
  assert.is(settings.heartbeatMs, 250);
  assert.is(settings.electionMs, 2500);
  assert.is(settings.quotaBytes, 8 * 1024 ** 3);
  assert.is(settings.dataDir, "/d");
  assert.is(settings.isFsyncOff, true);
  assert.is(settings.autoCompactionRetention, "5m");
  assert.equal(settings.listenPeerUrls, ["http://10.0.0.1:2380", "http://127.0.0.1:2380"]);
});

test("a setting that is not given has etcd's default, and a flag wins over a variable", () => {
  const none = etcdSettings([], new Map())!;
  assert.is(none.heartbeatMs, 100);
  assert.is(none.electionMs, 1000);
  assert.is(none.quotaBytes, 2 * 1024 ** 3);
  assert.is(none.isFsyncOff, false);
  assert.is(none.autoCompactionRetention, "0");
  const environ = "PATH=/bin\0ETCD_HEARTBEAT_INTERVAL=300\0ETCD_ELECTION_TIMEOUT=x\0";
  assert.is(settingsOfProcess("etcd\0", environ)!.heartbeatMs, 300);
  assert.is(settingsOfProcess("etcd\0", environ)!.electionMs, 1000);
  assert.is(settingsOfProcess("etcd\0--heartbeat-interval=50\0", environ)!.heartbeatMs, 50);
});

test("words after -- are not flags", () => {
  assert.is(etcdSettings(["--", "--heartbeat-interval=50"], new Map())!.heartbeatMs, 100);
});

test("with a configuration file the settings are unknown", () => {
  assert.is(etcdSettings(["--config-file=/etc/etcd.yaml"], new Map()), null);
  assert.is(etcdSettings([], new Map([["ETCD_CONFIG_FILE", "/etc/etcd.yaml"]])), null);
});

test.run();
