/** Tests what is said of a set-up that a gateway before etcd turned away. */
import { Metadata } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "#wire";
import { EXIT } from "../../../src/errors.ts";
import { ControlError } from "../../../src/etcd/control-client.ts";
import { isDenied } from "../../../src/etcd/denied.ts";
import { controlFailure } from "../../../src/etcd/set-up-failure.ts";

test("a gateway's 401 and 403 are a target that cannot be used, and no denial by etcd", () => {
  for (const [code, httpStatus] of [
    [Status.UNAUTHENTICATED, 401],
    [Status.PERMISSION_DENIED, 403],
  ] as const) {
    const details = `Received HTTP status code ${httpStatus}`;
    const headers = new Metadata();
    headers.set("server", "gate/1");
    const cause = new ControlError("LeaseGrant", "h:1", { code, details }, headers);
    const error = controlFailure("the leases could not be granted", cause);
    assert.is(
      error.message,
      `the leases could not be granted: "gate/1" answers LeaseGrant with HTTP status ${httpStatus}, and no ` +
        "gRPC; name etcd's client port, or let the gateway before etcd pass this client on",
    );
    assert.is(error.exitCode, EXIT.unreachable);
    assert.is(isDenied(cause), false);
  }
});

test("a gateway's gRPC status is a target that cannot be used, whatever the status", () => {
  const headers = new Metadata();
  headers.set("server", "envoy");
  for (const [code, name] of [
    [Status.PERMISSION_DENIED, "PERMISSION_DENIED"],
    [Status.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"],
    [Status.UNAVAILABLE, "UNAVAILABLE"],
  ] as const) {
    const cause = new ControlError("LeaseGrant", "h:1", { code, details: "no" }, headers);
    const error = controlFailure("the leases could not be granted", cause);
    const words = `the leases could not be granted: "envoy" answers LeaseGrant in place of etcd, with gRPC status ${code} (${name}: no); name etcd's client port, or `;
    assert.ok(error.message.startsWith(words), error.message);
    assert.is(error.exitCode, EXIT.unreachable);
    assert.is(isDenied(cause), false);
  }
});

test.run();
