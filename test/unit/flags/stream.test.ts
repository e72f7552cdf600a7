/** Tests the values of --live and --metrics-listen. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { STREAM_FLAGS } from "../../../src/flags/stream.ts";
import { refuses } from "../../harness/refusal.ts";

const live = (given: string) => STREAM_FLAGS.live.read({ live: given });
const listen = (given: string) => STREAM_FLAGS.metricsListen.read({ "metrics-listen": given });

test("--live accepts a loopback address, a port alone, tty and line", () => {
  assert.equal(["127.0.0.1:9500", "localhost:0", "[::1]:9500", "9500", "tty", "line"].map(live), [
    "127.0.0.1:9500",
    "localhost:0",
    "[::1]:9500",
    "127.0.0.1:9500",
    "tty",
    "line",
  ]);
});

test("the error for another value of --live gives its default port, tty and line", () => {
  const words =
    "is not an address of loopback (127.0.0.1:PORT), tty or line, e.g. --live=127.0.0.1:9480";
  for (const given of ["bad", "10.0.0.1:9480", "127.evil.example:80", "127.0.0.1:99999", "TTY"]) {
    refuses(() => live(given), `--live: ${JSON.stringify(given)} ${words}`);
  }
});

test("the error for a bad --metrics-listen gives its default port", () => {
  assert.is(listen("0.0.0.0:9500"), "0.0.0.0:9500");
  refuses(
    () => listen("bad"),
    "is not an address (HOST:PORT), e.g. --metrics-listen=127.0.0.1:9464",
  );
});

test.run();
