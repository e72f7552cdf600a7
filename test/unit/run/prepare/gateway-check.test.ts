/** Tests whether a load over the grpc-gateway is refused where an endpoint has none. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkGateway } from "../../../../src/run/prepare/gateway-check.ts";
import { planFixture } from "../../../fixtures/result-fixture.ts";
import { withServer } from "../../etcd/etcd-fixtures.ts";

const ACCESS = { tls: null, tokens: null };
const { load } = planFixture({ load: { transport: "gateway" } });

/** Calls `use` with the address of a server that answers each request with the status. */
function answering(status: number, use: (endpoint: string) => Promise<void>): Promise<void> {
  return withServer(
    (_, response) => response.writeHead(status).end(),
    (url) => use(url.slice("http://".length)),
  );
}

test("an endpoint without a grpc-gateway is named, with etcd's flag as the fix", async () => {
  await answering(404, async (endpoint) => {
    const refused = await checkGateway({ load }, [endpoint], ACCESS).then(
      () => null,
      (error: Error & { exitCode: number }) => error,
    );
    assert.is(refused?.exitCode, 3);
    assert.match(refused!.message, `--endpoints ${endpoint}: HTTP status 404, so there is no grpc`);
    assert.match(refused!.message, /--enable-grpc-gateway, which is etcd's default$/);
    // Other transports do not use it.
    await checkGateway({ load: { ...load, transport: "wire" } }, [endpoint], ACCESS);
  });
});

test("a gateway that is there refuses the question by other statuses", async () => {
  for (const status of [405, 501, 401]) {
    await answering(status, (endpoint) => checkGateway({ load }, [endpoint], ACCESS));
  }
});

test.run();
