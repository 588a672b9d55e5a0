import type { Connection } from '@temporalio/client';
import { InputError } from '../../core/diagnostic.ts';
import type { EngineAddress } from './address.ts';
import { temporalSdk } from './sdk.ts';

/** Connection options for the SDK. The API key is revealed only here. */
export function connectionOptions({ address, tls, apiKey }: EngineAddress) {
  return { address, ...(tls && { tls }), ...(apiKey && { apiKey: apiKey.reveal() }) };
}

/** How long to wait for the first answer of a server. */
const CONNECT_MS = 10_000;

/**
 * Connects to a server and checks that it has the namespace and accepts the credentials. @throws {InputError} that says which of these
 * fails
 */
export async function connectTo(engine: EngineAddress): Promise<Connection> {
  const { Connection } = temporalSdk().client;
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ ...connectionOptions(engine), connectTimeout: CONNECT_MS });
    await connection.workflowService.describeNamespace({ namespace: engine.namespace });
    return connection;
  } catch (error) {
    await connection?.close();
    throw serverProblem(engine, error);
  }
}

/** Status codes of gRPC. */
const GRPC = {
  cancelled: 1,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Errors that the SDK reports by a class of their own instead of a code. */
const CODES: Readonly<Record<string, number>> = {
  NamespaceNotFoundError: GRPC.notFound,
  WorkflowExecutionAlreadyStartedError: GRPC.alreadyExists,
};

/** Why a server rejects a request, and what to do. */
export function serverProblem(engine: EngineAddress, error: unknown): InputError {
  const { address, namespace, text, tls, apiKey, isRecorded } = engine;
  const why = whyOf(error, engine);
  const problem = (clause: string, hint: string): InputError =>
    InputError.of(`the Temporal server at ${address} ${clause}`, undefined, hint);
  switch (codeOf(error)) {
    case undefined:
    case GRPC.unavailable:
    case GRPC.deadlineExceeded:
      return problem(
        `does not answer: ${why}`,
        `start it, ${isRecorded ? 'and give the command again' : `or check the address: --engine ${text}`}; the connection is ${tls ? '' : 'not '}encrypted (TEMPORAL_TLS)`,
      );
    case GRPC.notFound:
      return problem(
        `has no namespace '${namespace}': ${why}`,
        `${isRecorded ? 'make it' : `name one that is there: --engine temporal://${address}/NAMESPACE; or make it`}: temporal operator namespace create --address ${address} --namespace ${namespace}`,
      );
    case GRPC.unauthenticated:
      return problem(
        `rejects the credentials: ${why}`,
        apiKey
          ? 'the API key of TEMPORAL_API_KEY, or of its file, must be one that it has issued, and must not have expired'
          : 'set an API key that it has issued: TEMPORAL_API_KEY_FILE',
      );
    case GRPC.permissionDenied:
      return problem(
        `does not permit that in namespace '${namespace}': ${why}`,
        `${
          apiKey ? 'the API key of TEMPORAL_API_KEY, or of its file' : 'an API key, which TEMPORAL_API_KEY_FILE gives,'
        } has to be one that may read and write there`,
      );
    case GRPC.alreadyExists:
      return problem('has a rollout of the name of this run already', 'run it again: each run gets a name of its own');
    default:
      return problem(`does not take that: ${why}`, 'look at its log');
  }
}

/** Whether a query has failed because of the server, which does not answer or refuses it: then no worker is to blame. */
export function isFailureOfServer(error: unknown): boolean {
  const code = codeOf(error);
  return code === GRPC.permissionDenied || code === GRPC.unauthenticated || code === GRPC.unavailable;
}

/** The server is reachable, but no worker answers a query. */
export function noAnswerProblem(engine: EngineAddress, error: unknown): InputError {
  // kplay itself cancels a query that takes too long.
  const isTooLate = codeOf(error) === GRPC.cancelled;
  return noWorkerProblem(engine, isTooLate ? 'none has answered in time' : whyOf(error, engine));
}

/** Why a server that has given out work no longer does, in two lines. The native part of the SDK reports messages without codes. */
export function workRefusedText(engine: EngineAddress, error: unknown): string {
  return (
    `the Temporal server at ${engine.address} gives the worker no more work: ${whyOf(error, engine)}\n` +
    '  look at its log, and start the worker again when that is fixed'
  );
}

/** No worker has picked up the rollout, or answers queries about it. */
export function noWorkerProblem({ text }: EngineAddress, why: string): InputError {
  return InputError.of(
    `no worker of ${text} answers for the rollout: ${why}`,
    undefined,
    `start one: kplay worker PLAYBOOK -i INVENTORY --engine ${text}`,
  );
}

/**
 * The server rejects the credentials, so waiting does not help. A rejected certificate fails below gRPC and can only be recognised by its
 * message.
 */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  if (code === GRPC.permissionDenied || code === GRPC.unauthenticated) return true;
  return code === GRPC.unavailable && /certificate|\balert\b/i.test(detailsOf(error) ?? '');
}

/** Whether an error comes from the server or the connection; any other error is a bug. */
export function isServerError(error: unknown): error is Error {
  return error instanceof Error && (codeOf(error) !== undefined || /^(Transport|Service)Error$/.test(error.name));
}

/** Whether the server has no such rollout. So it answers, too, when something is sent to one that has ended. */
export function isGone(error: unknown): boolean {
  return error instanceof temporalSdk().client.WorkflowNotFoundError;
}

/** What is sent to a rollout that has ended since it was queried arrives too late, which is no failure: the next query finds that out. */
export async function unlessEnded<T>(sent: Promise<T>): Promise<T | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** gRPC's code of an error, or of what has caused it. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'number') return error.code;
  return CODES[error.name] ?? codeOf(error.cause);
}

/** The system's message is in the middle of what the native part prints, as Rust does, and of what gRPC says. */
function whyOf(error: unknown, { apiKey }: EngineAddress): string {
  const text = detailsOf(error) ?? (error instanceof Error ? error.message : String(error));
  const message = apiKey ? text.replaceAll(apiKey.reveal(), String(apiKey)) : text;
  const inner = /message: "([^"]+)"/.exec(message) ?? /Last error: (?:Error: )?(.+)\. Resolution note: /.exec(message);
  return inner?.[1] ?? message.split('\n')[0] ?? message;
}

/** gRPC's message follows that of the SDK. */
function detailsOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'details' in error && typeof error.details === 'string' && error.details !== ''
    ? error.details
    : detailsOf(error.cause);
}
