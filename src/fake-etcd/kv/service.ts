/**
 * The KV service. Where nothing is kept, each method has one answer for all requests and reads none,
 * but for the keys of puts while a client watches.
 */
import { wholeAnswer } from "../grpc/answer.ts";
import type { Method, UnaryMethod } from "../grpc/methods.ts";
import { type Mistakes, NO_MISTAKES } from "../mistakes.ts";
import { ProtoWriter } from "../proto-writer.ts";
import { beginResponse, FIRST_REVISION } from "../response-header.ts";
import { type Service, unimplemented } from "../services.ts";
import type { Watchers } from "../watch/watchers.ts";
import { KeptAnswers } from "./kept-answers.ts";
import { type Change, encodeKeyValue, type KeyValues } from "./key-values.ts";
import { Op } from "./requests.ts";

export const PUT_PATH = "/etcdserverpb.KV/Put";
export const RANGE_PATH = "/etcdserverpb.KV/Range";
const DELETE_PATH = "/etcdserverpb.KV/DeleteRange";
const TXN_PATH = "/etcdserverpb.KV/Txn";
const COMPACT_PATH = "/etcdserverpb.KV/Compact";

/** Also what `calibrate` sends. */
export const KEY_SIZE_BYTES = 8;
export const VAL_SIZE_BYTES = 256;

const response = () => beginResponse(new ProtoWriter(), FIRST_REVISION);
const OK = wholeAnswer(response().finish());
const REVISIONS = { createRevision: 2, modRevision: 2, version: 1 };
const KEY_VALUE = encodeKeyValue(
  String.fromCharCode(1).repeat(KEY_SIZE_BYTES),
  REVISIONS,
  Buffer.alloc(VAL_SIZE_BYTES, 2),
);
const RANGE_ANSWER = wholeAnswer(response().bytes(2, KEY_VALUE).number(4, 1).finish());
/** A transaction that succeeds; its responses are not read then. */
const TXN_ANSWER = wholeAnswer(response().flag(2, true).finish());
const DELETE_ANSWER = wholeAnswer(response().number(2, 1).finish());

/** `count` takes the number of events that a change has been sent as. */
export function kvService(
  keyValues: KeyValues | null,
  watchers: Watchers,
  count: (events: number) => void,
  mistakes: Mistakes = NO_MISTAKES,
): Service {
  const methods =
    keyValues === null
      ? forgetting(watchers, count)
      : keeping(keyValues, watchers, count, mistakes);
  return { methods: new Map([...methods, [COMPACT_PATH, always(OK)]]) };
}

/** A method with one answer. */
export function always(answer: ReturnType<typeof wholeAnswer>): UnaryMethod {
  return { isStream: false, readsMessage: false, answer: () => answer };
}

function forgetting(watchers: Watchers, count: (events: number) => void): [string, Method][] {
  const put: UnaryMethod = {
    isStream: false,
    get readsMessage() {
      return !watchers.isEmpty;
    },
    answer(message) {
      if (message.length > 0) count(watchers.put(message));
      return OK;
    },
  };
  return [
    [PUT_PATH, put],
    [RANGE_PATH, always(RANGE_ANSWER)],
    [DELETE_PATH, always(DELETE_ANSWER)],
    [TXN_PATH, always(TXN_ANSWER)],
  ];
}

function keeping(
  keyValues: KeyValues,
  watchers: Watchers,
  count: (events: number) => void,
  mistakes: Mistakes,
): [string, Method][] {
  let changes = 0;
  const send = (change: Change) => {
    changes += 1;
    for (let times = mistakes.sends(changes); times > 0; times--) count(watchers.send(change));
  };
  const kept = new KeptAnswers(keyValues, send, mistakes);
  const method = (respond: (message: Uint8Array) => Uint8Array | null): Method => ({
    isStream: false,
    readsMessage: true,
    answer(message) {
      const answered = respond(message);
      return answered === null ? unimplemented() : wholeAnswer(answered);
    },
  });
  const ofKind = (kind: number) => method((message) => kept.single(kind, message));
  return [
    [RANGE_PATH, ofKind(Op.RANGE)],
    [PUT_PATH, ofKind(Op.PUT)],
    [DELETE_PATH, ofKind(Op.DELETE)],
    [TXN_PATH, method((message) => kept.transaction(message))],
  ];
}
