/** A fake etcd with answers from the test, for clusters that are rare in practice. */

import { failure, trailers, wholeAnswer } from "../../src/fake-etcd/grpc/answer.ts";
import type { Method } from "../../src/fake-etcd/grpc/methods.ts";
import { startGrpcServer } from "../../src/fake-etcd/grpc/server.ts";
import { methodsOf } from "../../src/fake-etcd/services.ts";
import { type ServiceName, serviceDefinition } from "../../src/protos.ts";
import { Status } from "../../src/wire/grpc-status.ts";

/** Takes a request; returns the response, or throws `{ code, details }`. */
export type Answer = (request: Record<string, unknown>) => object | Promise<object>;

export interface FakeEtcd {
  endpoint: string;
  /** Full method names, in call order. */
  calls: string[];
  stop(): Promise<void>;
}

const SERVICES: readonly ServiceName[] = [
  "etcdserverpb.KV",
  "etcdserverpb.Cluster",
  "etcdserverpb.Lease",
  "etcdserverpb.Watch",
  "etcdserverpb.Auth",
  "etcdserverpb.Maintenance",
];

type Definition = ReturnType<typeof serviceDefinition>[string];

/**
 * @param answers by method name; other methods are UNIMPLEMENTED. For a streaming method, the
 *   messages are the answer's `parts`.
 */
export async function startFakeEtcd(answers: Record<string, Answer>): Promise<FakeEtcd> {
  const calls: string[] = [];
  const methods = new Map<string, Method>();
  for (const service of SERVICES) {
    for (const [name, definition] of Object.entries(serviceDefinition(service))) {
      const answer = answers[name];
      const respond = async (message: Uint8Array) => {
        calls.push(`${service}.${name}`);
        if (answer === undefined) throw { code: Status.UNIMPLEMENTED, details: "unknown method" };
        return await answer(definition.requestDeserialize(Buffer.from(message)) as never);
      };
      const method = definition.responseStream
        ? streamMethod(definition, respond)
        : unaryMethod(definition, respond);
      methods.set(definition.path, method);
    }
  }
  const table = methodsOf([{ methods }]);
  const server = await startGrpcServer({ methods: () => table });
  return { endpoint: `127.0.0.1:${server.port}`, calls, stop: () => server.close() };
}

type Respond = (message: Uint8Array) => Promise<object>;

function unaryMethod(definition: Definition, respond: Respond): Method {
  const answerOf = async (message: Uint8Array) => {
    try {
      return wholeAnswer(definition.responseSerialize(await respond(message)));
    } catch (error) {
      return failure(...statusOf(error));
    }
  };
  return {
    isStream: false,
    readsMessage: true,
    answer(message, caller, streamId) {
      void answerOf(message).then((answer) => caller.answerNow(streamId, answer));
      return null;
    },
  };
}

function streamMethod(definition: Definition, respond: Respond): Method {
  return {
    isStream: true,
    open(stream) {
      const answer = async (message: Uint8Array) => {
        try {
          const { parts } = (await respond(message)) as { parts: object[] };
          for (const part of parts) stream.sendMessage(definition.responseSerialize(part));
          stream.end();
        } catch (error) {
          stream.end(trailers(...statusOf(error)));
        }
        stream.flush();
      };
      return {
        message(bytes, start, end) {
          void answer(new Uint8Array(bytes.subarray(start, end)));
        },
        end() {},
        close() {},
      };
    },
  };
}

function statusOf(error: unknown): [code: number, details: string] {
  const { code = Status.UNKNOWN, details = String(error) } = error as {
    code?: number;
    details?: string;
  };
  return [code, details];
}
