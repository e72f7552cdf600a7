/** A gRPC server that answers what a test has it answer: clusters that real ones seldom are. */
import { Server, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { type ServiceName, serviceDefinition } from "../../src/protos.ts";

/** Takes a request; returns the response, or throws `{ code, details }`. */
export type Answer = (request: Record<string, unknown>) => object | Promise<object>;

export interface FakeEtcd {
  endpoint: string;
  /** Full method names, in the order of the calls. */
  calls: string[];
  stop(): void;
}

/** @param answers by method name; every other method of these services is UNIMPLEMENTED. */
export async function startFakeEtcd(answers: Record<string, Answer>): Promise<FakeEtcd> {
  const server = new Server();
  const calls: string[] = [];
  const services: ServiceName[] = [
    "etcdserverpb.KV",
    "etcdserverpb.Cluster",
    "etcdserverpb.Lease",
    "etcdserverpb.Auth",
    "etcdserverpb.Maintenance",
  ];
  for (const name of services) {
    const definition = serviceDefinition(name);
    const handlers = Object.keys(definition).map((method) => [
      method,
      definition[method]!.responseStream
        ? streamHandler(answers[method], () => calls.push(`${name}.${method}`))
        : async (
            call: { request: Record<string, unknown> },
            callback: (error: Partial<ServiceError> | null, response?: object) => void,
          ) => {
            calls.push(`${name}.${method}`);
            try {
              const answer = answers[method];
              if (answer === undefined)
                throw { code: status.UNIMPLEMENTED, details: "unknown method" };
              callback(null, await answer(call.request));
            } catch (error) {
              callback(error as Partial<ServiceError>);
            }
          },
    ]);
    server.addService(definition as never, Object.fromEntries(handlers));
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { endpoint: `127.0.0.1:${port}`, calls, stop: () => server.forceShutdown() };
}

/** Of an rpc whose answer is a stream: the answer's `parts` are its messages. */
function streamHandler(answer: Answer | undefined, onCall: () => void) {
  return async (call: {
    request: Record<string, unknown>;
    write(message: object): void;
    end(): void;
    emit(name: "error", error: Partial<ServiceError>): void;
  }) => {
    onCall();
    if (answer === undefined) {
      call.emit("error", { code: status.UNIMPLEMENTED, details: "unknown method" });
      return;
    }
    const { parts } = (await answer(call.request)) as { parts: object[] };
    for (const part of parts) call.write(part);
    call.end();
  };
}
