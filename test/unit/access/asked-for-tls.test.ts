/** Tests the advice against TLS, which names what has asked for it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { howToLeaveTls } from "../../../src/access/asked-for-tls.ts";

test("TLS of variables is left by http:// or by unsetting them, and that of flags by leaving them out", () => {
  const ofFlags = "write http:// and leave the TLS flags out";
  assert.is(howToLeaveTls({}), ofFlags);
  assert.is(howToLeaveTls({ ETCDCTL_CACERT: "", ETCDCTL_ENDPOINTS: "https://a:1" }), ofFlags);
  assert.is(
    howToLeaveTls({ ETCDCTL_CACERT: "ca.pem" }),
    "write http://, since TLS comes from ETCDCTL_CACERT, or unset it",
  );
  assert.match(
    howToLeaveTls({ ETCDCTL_CERT: "c", ETCDCTL_KEY: "k" }),
    /ETCDCTL_CERT and ETCDCTL_KEY, or unset them$/,
  );
});

test.run();
