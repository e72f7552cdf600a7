/** Makes the error of a command whose calls of the control plane failed: how to get in, or what is wrong with etcd. */
import { status as statusCodes } from "@grpc/grpc-js";
import type { BenchError } from "../errors.ts";
import type { ControlError } from "./control-client.ts";
import { callFault } from "./endpoint-answers.ts";
import { controlFailure } from "./set-up-failure.ts";

/** @param what could not be done, as the start of a sentence: `the keys could not be read` */
export function controlFault(what: string, error: ControlError): BenchError {
  const { method, code, gateway } = error;
  const isOfAccess =
    gateway !== null ||
    method === "Authenticate" ||
    code === statusCodes.UNAUTHENTICATED ||
    code === statusCodes.UNIMPLEMENTED ||
    error.details.includes("user name is empty");
  return isOfAccess ? callFault(error) : controlFailure(what, error);
}
