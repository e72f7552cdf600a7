/** Tests the suggestion for an unknown name. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nearestName } from "../../src/nearest-name.ts";

const NAMES = ["total", "clients", "conns", "key-size", "key-space-size", "warmup"];

test("a typing error gives the nearest name", () => {
  assert.is(nearestName("totla", NAMES), "total");
  assert.is(nearestName("client", NAMES), "clients");
  assert.is(nearestName("keysize", NAMES), "key-size");
  assert.is(nearestName("warm-up", NAMES), "warmup");
});

test("a part of one name gives that name", () => {
  assert.is(nearestName("key-space", NAMES), "key-space-size");
});

test("a word that resembles no name gives none", () => {
  assert.is(nearestName("xyzzyxyzzy", NAMES), null);
  assert.is(nearestName("x", []), null);
});

test("of a short word two edits make another word, and swapped letters do not", () => {
  const names = [
    "tls",
    "by",
    "put",
    "ab",
    "stm",
    "soak",
    "trend",
    "workers",
    "election",
    "key-size",
  ];
  for (const other of ["ops", "ca", "get", "rm", "scan", "read", "stop"]) {
    assert.is(nearestName(other, names), null, other);
  }
  for (const other of ["servers", "version"]) assert.is(nearestName(other, names), null, other);
  assert.is(nearestName("ptu", names), "put");
  assert.is(nearestName("saok", names), "soak");
  assert.is(nearestName("keyspace", NAMES), "key-space-size");
});

test.run();
