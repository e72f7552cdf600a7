/**
 * Reads an answer's JSON (RFC 8259) as it comes, as the protobuf message that gRPC would have
 * brought: workloads read both kinds of answers alike. Only the current field is kept.
 */
import type { AnswerMessage } from "./answer-message.ts";
import { type JsonField, type JsonFields, Kind } from "./etcd-json.ts";
import { ESCAPE_OPEN, JsonEscape, NO_ESCAPE } from "./json-escape.ts";
import { isJsonSpace, isOfJsonWord, Sign } from "./octets.ts";

/** Of a field's name, and of a number, true, false or null. */
const MOST_WORD_BYTES = 64;
const MOST_DEPTH = 32;

const State = {
  VALUE: 0,
  /** After `[`. */
  VALUE_OR_END: 1,
  /** After `{`. */
  NAME_OR_END: 2,
  NAME: 3,
  IN_NAME: 4,
  COLON: 5,
  IN_STRING: 6,
  /** A number, true, false or null. */
  IN_WORD: 7,
  AFTER_VALUE: 8,
  OVER: 9,
  BROKEN: 10,
} as const;

const NOT_JSON = "the answer is no JSON";

/** An object or array that has not ended. */
interface Level {
  isArray: boolean;
  /** Of an object that is a message; null: what it holds is skipped. */
  fields: JsonFields | null;
  /** Of an array, what its elements are; of a message, what it is. */
  field: JsonField | null;
}

export class AnswerJson {
  readonly #message: AnswerMessage;
  readonly #levels: Level[] = Array.from({ length: MOST_DEPTH }, () => ({
    isArray: false,
    fields: null,
    field: null,
  }));
  #depth = 0;
  #state: number = State.OVER;
  #answer: JsonFields | null = null;
  /** The field of the current value; null: it is skipped. */
  #field: JsonField | null = null;
  /** A name, an integer or a word so far. */
  readonly #word = Buffer.alloc(MOST_WORD_BYTES);
  #wordBytes = 0;
  readonly #escape = new JsonEscape();
  readonly #character = Buffer.alloc(1);
  #fault = "";

  constructor(message: AnswerMessage) {
    this.#message = message;
  }

  /** An answer comes, whose message is of these fields. */
  begin(fields: JsonFields): void {
    this.#message.begin();
    this.#answer = fields;
    this.#field = null;
    this.#depth = 0;
    this.#state = State.VALUE;
    this.#escape.reset();
    this.#fault = "";
  }

  /** The answer has ended: hands on the rest. Returns what was wrong with it; empty: nothing. */
  end(): string {
    if (this.#fault === "" && this.#state !== State.OVER) return "the answer's JSON is cut off";
    if (this.#fault === "") this.#message.handOn();
    return this.#fault;
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && this.#state !== State.BROKEN) {
      if (this.#state === State.IN_STRING || this.#state === State.IN_NAME) {
        at = this.#inString(bytes, at, end);
      } else if (this.#state === State.IN_WORD && isOfJsonWord(bytes[at]!)) {
        this.#addToWord(bytes[at]!);
        at += 1;
      } else {
        if (this.#state === State.IN_WORD) this.#wordEnded();
        if (!isJsonSpace(bytes[at]!)) this.#sign(bytes[at]!);
        at += 1;
      }
    }
  }

  /** An octet that is in no string and no word. */
  #sign(byte: number): void {
    switch (this.#state) {
      case State.VALUE_OR_END:
        if (byte === Sign.CLOSE_ARRAY) this.#close(true);
        else this.#valueBegins(byte);
        return;
      case State.VALUE:
        this.#valueBegins(byte);
        return;
      case State.NAME_OR_END:
      case State.NAME:
        if (byte === Sign.QUOTE) this.#stringBegins(State.IN_NAME);
        else if (byte === Sign.CLOSE_OBJECT && this.#state === State.NAME_OR_END)
          this.#close(false);
        else this.#broken(NOT_JSON);
        return;
      case State.COLON:
        if (byte === Sign.COLON) this.#state = State.VALUE;
        else this.#broken(NOT_JSON);
        return;
      case State.AFTER_VALUE:
        if (byte === Sign.COMMA) this.#nextBegins();
        else if (byte === Sign.CLOSE_OBJECT || byte === Sign.CLOSE_ARRAY)
          this.#close(byte === Sign.CLOSE_ARRAY);
        else this.#broken(NOT_JSON);
        return;
      default:
        this.#broken(NOT_JSON);
    }
  }

  #nextBegins(): void {
    const { isArray, field } = this.#levels[this.#depth - 1]!;
    if (isArray) this.#field = field;
    this.#state = isArray ? State.VALUE : State.NAME;
  }

  #valueBegins(byte: number): void {
    const field = this.#field;
    if (this.#depth === 0 && byte !== Sign.OPEN_OBJECT) {
      this.#broken(NOT_JSON);
    } else if (byte === Sign.QUOTE) {
      this.#stringBegins(State.IN_STRING);
      if (field === null || field.kind === Kind.INTEGER) return;
      if (field.kind === Kind.BYTES) this.#message.openBytes(field.tag);
      else this.#wrongType(field);
    } else if (byte === Sign.OPEN_OBJECT || byte === Sign.OPEN_ARRAY) {
      this.#open(byte === Sign.OPEN_ARRAY);
    } else if (isOfJsonWord(byte)) {
      this.#wordBytes = 0;
      this.#addToWord(byte);
      this.#state = State.IN_WORD;
    } else {
      this.#broken(NOT_JSON);
    }
  }

  #open(isArray: boolean): void {
    const field = this.#field;
    const level = this.#levels[this.#depth];
    if (level === undefined) {
      this.#broken("the answer's JSON is nested too deep");
      return;
    }
    if (field !== null && field.kind !== Kind.MESSAGE) {
      this.#wrongType(field);
      return;
    }
    level.isArray = isArray;
    level.field = field;
    level.fields = null;
    if (!isArray) {
      level.fields = this.#depth === 0 ? this.#answer : (field?.fields ?? null);
      if (field !== null) this.#message.openMessage(field.tag);
    }
    this.#depth += 1;
    this.#state = isArray ? State.VALUE_OR_END : State.NAME_OR_END;
  }

  #close(isArray: boolean): void {
    const level = this.#levels[this.#depth - 1]!;
    if (level.isArray !== isArray) {
      this.#broken(NOT_JSON);
      return;
    }
    if (!isArray && level.field !== null) this.#message.closeMessage();
    this.#depth -= 1;
    this.#valueEnded();
  }

  #valueEnded(): void {
    if (this.#state === State.BROKEN) return;
    this.#state = this.#depth === 0 ? State.OVER : State.AFTER_VALUE;
    this.#broken(this.#message.fault);
  }

  #stringBegins(state: number): void {
    this.#wordBytes = 0;
    this.#state = state;
  }

  /** Reads on in a string, which may end; returns where. */
  #inString(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const byte = bytes[at]!;
      if (this.#escape.isOpen) {
        this.#escaped(byte);
        if (this.#state === State.BROKEN) return end;
      } else if (byte === Sign.QUOTE) {
        if (this.#state === State.IN_NAME) this.#nameEnded();
        else this.#stringEnded();
        return at + 1;
      } else if (byte === Sign.BACKSLASH) {
        this.#escape.begin();
      } else if (byte < Sign.SPACE) {
        this.#broken(NOT_JSON);
        return end;
      } else if (this.#state === State.IN_STRING && this.#field?.kind === Kind.BYTES) {
        const next = this.#message.addBase64(bytes, at, end);
        if (next === at) {
          this.#broken(this.#message.fault || `${this.#field.name} is no base64`);
          return end;
        }
        at = next;
        continue;
      } else {
        this.#addToWord(byte);
      }
      at += 1;
    }
    return at;
  }

  #escaped(byte: number): void {
    const code = this.#escape.add(byte);
    if (code === NO_ESCAPE) this.#broken(NOT_JSON);
    else if (code !== ESCAPE_OPEN) this.#addCharacter(code);
  }

  /** What is written with an escape here is skipped, or a sign that needs none. */
  #addCharacter(code: number): void {
    if (this.#state !== State.IN_STRING || this.#field?.kind !== Kind.BYTES) {
      this.#addToWord(code);
      return;
    }
    this.#character[0] = code;
    const isDigit = code < 0x80 && this.#message.addBase64(this.#character, 0, 1) === 1;
    if (!isDigit) this.#broken(`${this.#field.name} is no base64`);
  }

  /** What is longer than any name or number is none that is known. */
  #addToWord(byte: number): void {
    if (this.#wordBytes < MOST_WORD_BYTES) this.#word[this.#wordBytes] = byte;
    this.#wordBytes += 1;
  }

  #nameEnded(): void {
    const { fields } = this.#levels[this.#depth - 1]!;
    this.#field = fields?.named(this.#word, this.#wordBytes) ?? null;
    this.#state = State.COLON;
  }

  #stringEnded(): void {
    const field = this.#field;
    if (field?.kind === Kind.BYTES) this.#message.closeBytes();
    else if (field !== null) this.#integer(field);
    this.#valueEnded();
  }

  #wordEnded(): void {
    const field = this.#field;
    const word = this.#word.toString("latin1", 0, Math.min(this.#wordBytes, MOST_WORD_BYTES));
    if (word === "true" || word === "false") {
      if (field?.kind === Kind.BOOL) {
        if (word === "true") this.#message.addTrue(field.tag);
      } else if (field !== null) {
        this.#wrongType(field);
      }
    } else if (word !== "null") {
      if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(word)) this.#broken(NOT_JSON);
      else if (field?.kind === Kind.INTEGER) this.#integer(field);
      else if (field !== null) this.#wrongType(field);
    }
    this.#valueEnded();
  }

  #integer(field: JsonField): void {
    if (!this.#message.addInteger(field.tag, this.#word, this.#wordBytes)) this.#wrongType(field);
  }

  #wrongType(field: JsonField): void {
    this.#broken(`${field.name} has a value of another type`);
  }

  /** The first fault stays; without one nothing happens. */
  #broken(fault: string): void {
    if (fault === "") return;
    this.#fault ||= fault;
    this.#state = State.BROKEN;
  }
}
