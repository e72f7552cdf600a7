/** The Maintenance service, as far as workloads use it: Defragment, which is over at once. */
import { wholeAnswer } from "./grpc/answer.ts";
import { always } from "./kv/service.ts";
import { ProtoWriter } from "./proto-writer.ts";
import { beginResponse, FIRST_REVISION } from "./response-header.ts";
import type { Service } from "./services.ts";

const response = beginResponse(new ProtoWriter(), FIRST_REVISION);

export const MAINTENANCE_SERVICE: Service = {
  methods: new Map([
    ["/etcdserverpb.Maintenance/Defragment", always(wholeAnswer(response.finish()))],
  ]),
};
