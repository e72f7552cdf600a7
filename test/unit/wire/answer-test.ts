/** Runs a test of one response to a unary call. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status, statusName } from "../../../src/wire/grpc-status.ts";
import type { PeerConnection } from "../../peers/wire-peer.ts";
import { expectRequest, withWire } from "./wire-client.ts";

export const HEADERS = { ":status": "200", "content-type": "application/grpc" };

export const OK = { "grpc-status": "0" };

export const END = { endStream: true };

interface Expected {
  status: number;
  message?: string | RegExp;
  /** The error code with which the client resets the stream. */
  reset?: number;
}

type Answer = (connection: PeerConnection, streamId: number) => void | Promise<void>;

/** Answers one call with `answer`, checks how it ends, and that the connection still works. */
export function answerTest(name: string, expected: Expected, answer: Answer): void {
  test(name, async () => {
    await withWire({}, async ({ client, log, connection }) => {
      client.call(0);
      const { streamId } = await expectRequest(connection);
      await answer(connection, streamId);
      const { status, message } = await log.next();
      assert.is(statusName(Number(status)), statusName(expected.status), message);
      if (expected.message instanceof RegExp) assert.match(message, expected.message);
      else assert.is(message, expected.message ?? "");
      if (expected.reset !== undefined) {
        assert.equal(await connection.expectRstStream(), { streamId, errorCode: expected.reset });
      }
      client.call(0);
      const next = await expectRequest(connection);
      connection.sendGrpcOk(next.streamId);
      assert.is(await log.nextStatus(), Status.OK);
      await connection.expectNothing();
      assert.is(log.ends.length, 2);
    });
  });
}
