/** A load's connections are held against each member's own limit of open files before the run. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkConnectionRoom } from "../../../src/etcd/connection-room.ts";
import { withServer } from "./etcd-fixtures.ts";

const ID = "8e9e05c52164694d";
const PAGE = `# TYPE process_max_fds gauge\nprocess_max_fds 1024\netcd_server_id{server_id="${ID}"} 1\n`;

function check(
  url: string,
  connections: number,
  { id = ID, metricsEndpoints = null as string[] | null } = {},
): Promise<void> {
  return checkConnectionRoom({
    ofMember: new Map([[ID, connections]]),
    members: [{ id, name: "m1", endpoint: "h:1", metricsUrls: [url] }],
    metricsEndpoints,
    access: { tls: null, tokens: null },
    flag: `--conns=${connections}`,
  });
}

const withPage = (use: (url: string) => Promise<void>) =>
  withServer((_, response) => response.end(PAGE), use);

test("connections that a member's limit of open files leaves no room for are refused with the limit", () =>
  withPage(async (url) => {
    await check(url, 868);
    const refused: Error = await check(url, 869).then(
      () => assert.unreachable("it was not refused"),
      (error) => error,
    );
    assert.match(
      refused.message,
      /^--conns=869: etcd m1 takes 874 connections, as its limit of open files is 1024 and it keeps 150 .* about 875 to it: raise .*, or lower --conns$/,
    );
  }));

test("a member whose page is of another, or cannot be read, is no reason to refuse", () =>
  withPage(async (url) => {
    await check(url, 5_000, { id: "1" });
    await check("http://127.0.0.1:1", 5_000);
    await check(url, 5_000, { metricsEndpoints: ["http://127.0.0.1:1"] });
  }));

test.run();
