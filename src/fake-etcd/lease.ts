/** The Lease service: grants one lease over and over, and keeps it alive. */
import { messagePieces, wholeAnswer } from "./grpc/answer.ts";
import type { Method } from "./grpc/methods.ts";
import { always } from "./kv/service.ts";
import type { Mistakes } from "./mistakes.ts";
import { ProtoWriter } from "./proto-writer.ts";
import { beginResponse, FIRST_REVISION } from "./response-header.ts";
import type { Service } from "./services.ts";

export const KEEP_ALIVE_PATH = "/etcdserverpb.Lease/LeaseKeepAlive";

const ID = 7_587;
const TTL_SECONDS = 100;

const response = () => beginResponse(new ProtoWriter(), FIRST_REVISION);
/** The same fields in LeaseGrantResponse and LeaseKeepAliveResponse. */
const granted = response().number(2, ID).number(3, TTL_SECONDS).finish();
const ALIVE = messagePieces(granted);
/** Without a time to live. */
const EXPIRED = messagePieces(response().number(2, ID).finish());

export function leaseService({ forgetsLease }: Pick<Mistakes, "forgetsLease">): Service {
  let keepAlives = 0;
  const keepAlive: Method = {
    isStream: true,
    open: (stream) => ({
      message() {
        keepAlives += 1;
        stream.sendAll(forgetsLease(keepAlives) ? EXPIRED : ALIVE);
      },
      end: () => stream.end(),
      close: () => {},
    }),
  };
  return {
    methods: new Map<string, Method>([
      ["/etcdserverpb.Lease/LeaseGrant", always(wholeAnswer(granted))],
      ["/etcdserverpb.Lease/LeaseRevoke", always(wholeAnswer(response().finish()))],
      [KEEP_ALIVE_PATH, keepAlive],
    ]),
  };
}
