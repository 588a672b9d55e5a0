import type { Connection } from '@temporalio/client';
import { InputError } from '../../core/diagnostic.ts';
import type { EngineAddress } from './address.ts';
import { temporalSdk } from './sdk.ts';

/** How the SDK is to connect: the API key is revealed to it alone. */
export function connectionOptions({ address, tls, apiKey }: EngineAddress) {
  return { address, ...(tls && { tls }), ...(apiKey && { apiKey: apiKey.reveal() }) };
}

/** So long a server may take to answer at all. */
const CONNECT_MS = 10_000;

/** A connection to a server that is there, has the namespace, and lets kplay in. @throws {InputError} that says what of this is not so */
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
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** What the SDK tells by a class of its own instead of the code. */
const CODES: Readonly<Record<string, number>> = {
  NamespaceNotFoundError: GRPC.notFound,
  WorkflowExecutionAlreadyStartedError: GRPC.alreadyExists,
};

/** Why a server does not do what it is asked for, and what helps. */
export function serverProblem(engine: EngineAddress, error: unknown): InputError {
  const { address, namespace, text, tls, apiKey } = engine;
  const why = whyOf(error, engine);
  const problem = (says: string, hint: string): InputError =>
    InputError.of(`the Temporal server at ${address} ${says}`, undefined, hint);
  switch (codeOf(error)) {
    case undefined:
    case GRPC.unavailable:
    case GRPC.deadlineExceeded:
      return problem(
        `does not answer: ${why}`,
        `start it, or name another one: --engine ${text}; the connection is ${tls ? '' : 'not '}encrypted (TEMPORAL_TLS)`,
      );
    case GRPC.notFound:
      return problem(
        `has no namespace '${namespace}': ${why}`,
        `name one that is there: --engine temporal://${address}/NAMESPACE; or make it: temporal operator namespace create --address ${address} --namespace ${namespace}`,
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

/** The server is there, and no worker answers what only a worker can tell; or the server says why not. */
export function noAnswer(engine: EngineAddress, error: unknown): InputError {
  const code = codeOf(error);
  return code === GRPC.permissionDenied || code === GRPC.unauthenticated
    ? serverProblem(engine, error)
    : noWorker(engine, whyOf(error, engine));
}

/** The server has given work, and does so no more, in two lines: the native part of the SDK tells its words, and not by which code. */
export function noMoreWork(engine: EngineAddress, error: unknown): string {
  return (
    `the Temporal server at ${engine.address} gives the worker no more work: ${whyOf(error, engine)}\n` +
    '  look at its log, and start the worker again when that is fixed'
  );
}

/** No worker has taken the rollout, or answers for it. */
export function noWorker({ text }: EngineAddress, why: string): InputError {
  return InputError.of(
    `no worker of ${text} answers for the rollout: ${why}`,
    undefined,
    `start one: kplay worker PLAYBOOK -i INVENTORY --engine ${text}`,
  );
}

/** The server is there, and does not let in who asks: waiting does not help. A certificate is refused below gRPC, in words alone. */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  if (code === GRPC.permissionDenied || code === GRPC.unauthenticated) return true;
  return code === GRPC.unavailable && /certificate|\balert\b/i.test(detailsOf(error) ?? '');
}

/** Whether an error comes from the server, or the way to it; another one is a bug. */
export function isOfServer(error: unknown): error is Error {
  return error instanceof Error && (codeOf(error) !== undefined || /^(Transport|Service)Error$/.test(error.name));
}

/** gRPC's, where the server has said something; the SDK puts what it says itself before it. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'number') return error.code;
  return CODES[error.name] ?? codeOf(error.cause);
}

/** The native part tells an error as Rust prints it: what the system has said stands in the midst of it. */
function whyOf(error: unknown, { apiKey }: EngineAddress): string {
  const text = detailsOf(error) ?? (error instanceof Error ? error.message : String(error));
  const message = apiKey ? text.replaceAll(apiKey.reveal(), String(apiKey)) : text;
  return /message: "([^"]+)"/.exec(message)?.[1] ?? message.split('\n')[0] ?? message;
}

/** What gRPC says stands behind what the SDK says. */
function detailsOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'details' in error && typeof error.details === 'string' && error.details !== ''
    ? error.details
    : detailsOf(error.cause);
}
