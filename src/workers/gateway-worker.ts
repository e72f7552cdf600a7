/** The entry of a worker thread that sends through etcd's grpc-gateway. */
import { GatewayTransport } from "../gateway/gateway-transport.ts";
import { startWorker } from "../load/worker.ts";
import { loadsOf } from "../workloads/loads.ts";

void startWorker((options) => new GatewayTransport(options), loadsOf);
