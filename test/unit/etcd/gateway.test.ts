/** Tests whether a gRPC status is etcd's, or that of a gateway before it. */
import { Metadata } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "#wire";
import { BenchError, EXIT } from "../../../src/errors.ts";
import { ControlError } from "../../../src/etcd/control-client.ts";
import { isDenied } from "../../../src/etcd/denied.ts";
import { callFault } from "../../../src/etcd/endpoint-answers.ts";
import { gatewayOf } from "../../../src/etcd/gateway.ts";
import { openAccess } from "../../../src/etcd/token-source.ts";
import { withRefusingGateway } from "../../peers/refusing-gateway.ts";
import { inspect, refused } from "./inspected-cluster.ts";

for (const [status, name, message] of [
  [Status.PERMISSION_DENIED, "PERMISSION_DENIED", "RBAC: access denied"],
  [Status.UNAUTHENTICATED, "UNAUTHENTICATED", "Jwt is missing"],
  [Status.UNAVAILABLE, "UNAVAILABLE", "upstream connect error"],
  [Status.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED", "rate limited"],
] as const) {
  test(`a gateway that answers with gRPC's ${name} is refused as a gateway, in both forms`, async () => {
    for (const isAfterHeaders of [false, true]) {
      await withRefusingGateway({ status, message, isAfterHeaders }, (endpoint) =>
        refused(
          inspect([endpoint]),
          EXIT.unreachable,
          new RegExp(
            `"envoy" answers Range in place of etcd, with gRPC status ${status} \\(${name}: ${message}\\): name etcd's client port, or `,
          ),
        ),
      );
    }
  });
}

test("a gateway that refuses Authenticate does not make the password wrong", () =>
  withRefusingGateway({ status: 16, message: "Jwt is expired" }, async (endpoint) => {
    const { tokens } = openAccess([endpoint], {
      tls: null,
      credentials: { user: "ann", password: "correct-horse" },
    });
    try {
      await tokens!.token();
      assert.unreachable();
    } catch (error) {
      const fault = callFault(error as ControlError);
      assert.instance(fault, BenchError);
      assert.is(fault.exitCode, EXIT.unreachable);
      assert.match(
        fault.message,
        /"envoy" answers Authenticate in place of etcd, with gRPC status 16/,
      );
    } finally {
      tokens!.close();
    }
  }));

test("a gateway without a name is recognized by a refusal that is not in etcd's words", () =>
  withRefusingGateway({ status: 7, message: "no", server: null }, (endpoint) =>
    refused(
      inspect([endpoint]),
      EXIT.unreachable,
      /a server whose name is not known answers Range/,
    ),
  ));

test("etcd's own errors stay etcd's, also where a proxy that passes them on names itself", () => {
  const named = new Metadata();
  named.set("server", "nginx/1.22");
  named.set("content-type", "application/grpc");
  const other = (code: number, details: string) => gatewayOf({ code, details, headers: null });
  const proxied = (code: number, details: string) => gatewayOf({ code, details, headers: named });
  for (const [code, details] of [
    [Status.PERMISSION_DENIED, "etcdserver: permission denied"],
    [Status.UNAUTHENTICATED, "etcdserver: invalid auth token"],
    [Status.INVALID_ARGUMENT, "etcdserver: user name is empty"],
    [Status.UNAVAILABLE, "etcdserver: no leader"],
    [Status.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"],
    [Status.RESOURCE_EXHAUSTED, "grpc: received message larger than max (3 vs. 2)"],
    [Status.UNIMPLEMENTED, "unknown service etcdserverpb.KV"],
  ] as const) {
    assert.is(other(code, details), null, details);
    assert.is(proxied(code, details), null, `${details}, through a proxy`);
  }
  assert.is(other(Status.PERMISSION_DENIED, "permission denied"), null);
  assert.is(other(Status.UNAVAILABLE, "connect ECONNREFUSED"), null);
  assert.is(other(Status.RESOURCE_EXHAUSTED, "Bandwidth exhausted"), null);
  assert.equal(proxied(Status.PERMISSION_DENIED, "permission denied"), {
    httpStatus: 200,
    contentType: null,
    server: "nginx/1.22",
    isGrpc: true,
  });
});

test("etcd's refusals of a user are recognized through its grpc-proxy, which passes them on as UNKNOWN", () => {
  const error = (details: string) =>
    new ControlError("Range", "h:1", { code: Status.UNKNOWN, details });
  const denied = error("etcdserver: permission denied");
  assert.is(isDenied(denied), true);
  assert.is(denied.codeName, "PERMISSION_DENIED");
  const fault = callFault(error("etcdserver: user name is empty"));
  assert.match(fault.message, /etcd asks for a user/);
  assert.is(fault.exitCode, EXIT.usage);
  assert.is(error("odd").codeName, "UNKNOWN");
});

test.run();
