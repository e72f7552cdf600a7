/** Tests the advice to turn TLS off, which names the flags that turn it on. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { howToLeaveTls } from "../../../src/access/asked-for-tls.ts";

const NONE = { ca: null, cert: null, key: null, serverName: null, skipVerify: false };

test("the advice for a server without TLS names each flag that asked for TLS, and no other", () => {
  assert.is(howToLeaveTls(NONE), "write http:// in place of https://");
  assert.is(howToLeaveTls({ ...NONE, ca: "x" }), "write http:// and leave out --cacert");
  assert.is(
    howToLeaveTls({ ca: "x", cert: "x", key: "x", serverName: "name", skipVerify: true }),
    "write http:// and leave out --cacert, --cert, --key, --tls-server-name and --insecure-skip-tls-verify",
  );
});

test.run();
