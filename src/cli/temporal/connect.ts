import type { Connection } from '@temporalio/client';
import { InputError } from '../../core/diagnostic.ts';
import type { EngineAddress } from './address.ts';

/** How the SDK is to connect: the API key is revealed to it alone. */
export function connectionOptions({ address, tls, apiKey }: EngineAddress) {
  return { address, ...(tls && { tls }), ...(apiKey && { apiKey: apiKey.reveal() }) };
}

/** gRPC's status codes of a server that is there, and does not let in: not found, permission denied, unauthenticated. */
const REFUSED: readonly unknown[] = [5, 7, 16];

/** @throws {InputError} when the server does not let kplay into the namespace, or has none of the name. */
export async function enterNamespace(
  { workflowService }: Pick<Connection, 'workflowService'>,
  engine: EngineAddress,
): Promise<void> {
  const { address, namespace, apiKey } = engine;
  try {
    await workflowService.describeNamespace({ namespace });
  } catch (error) {
    const isRefused = error instanceof Error && 'code' in error && REFUSED.includes(error.code);
    if (!isRefused) throw noServer(engine, error);
    throw InputError.of(
      `the Temporal server at ${address} refuses namespace '${namespace}': ${whyOf(error, engine)}`,
      undefined,
      `name one that is there: --engine temporal://${address}/NAMESPACE; ${
        apiKey ? 'the API key is that of TEMPORAL_API_KEY or its file' : 'an API key is given by TEMPORAL_API_KEY_FILE'
      }`,
    );
  }
}

/** The server cannot be reached, or does not take what it is asked: nothing has been begun. */
export function noServer(engine: EngineAddress, error: unknown): InputError {
  const { address, text, tls } = engine;
  return InputError.of(
    `the Temporal server at ${address} does not answer: ${whyOf(error, engine)}`,
    undefined,
    `start it, or name another one: --engine ${text}; the connection is ${tls ? '' : 'not '}encrypted (TEMPORAL_TLS)`,
  );
}

/** The server is there, and no worker answers what only a worker can tell. */
export function noWorker(engine: EngineAddress, error: unknown): InputError {
  const { text } = engine;
  return InputError.of(
    `no worker of ${text} answers for the rollout: ${whyOf(error, engine)}`,
    undefined,
    `start one: kplay worker PLAYBOOK -i INVENTORY --engine ${text}`,
  );
}

/** The native part tells an error as Rust prints it: what the system has said stands in the midst of it. */
function whyOf(error: unknown, { apiKey }: EngineAddress): string {
  const text = detailsOf(error) ?? (error instanceof Error ? error.message : String(error));
  const message = apiKey ? text.replaceAll(apiKey.reveal(), String(apiKey)) : text;
  return /message: "([^"]+)"/.exec(message)?.[1] ?? message.split('\n')[0] ?? message;
}

/** What gRPC says stands behind what the SDK says. */
function detailsOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'details' in cause && typeof cause.details === 'string' && cause.details !== ''
    ? cause.details
    : undefined;
}
