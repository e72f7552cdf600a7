/** The entry of a worker thread that sends over the grpc-js reference transport. */
import { startWorker } from "../load/worker.ts";
import { GrpcJsTransport } from "../reference/grpc-js-transport.ts";
import { loadsOf } from "../workloads/loads.ts";

void startWorker((options) => new GrpcJsTransport(options), loadsOf);
