import { InputError, Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import type { Environment } from '../environment.ts';
import { showDiagnostics } from '../output/output.ts';
import { type EngineAccess, engineAccess } from './access.ts';

/** The address of a Temporal server, the namespace, and how to connect. */
export interface EngineAddress extends EngineAccess {
  /** `HOST:PORT` */
  readonly address: string;
  readonly namespace: string;
  /** As the user typed it. */
  readonly text: string;
  /** It is from the record of a run: no option of the command names another one. */
  readonly isRecorded?: true;
}

/** The default port of Temporal's frontend. */
const PORT = 7233;

/**
 * Reads `temporal://HOST:PORT/NAMESPACE` and the variables of the connection.
 * @throws {InputError} with all errors
 */
export function engineAddress(text: string, environment: Environment): EngineAddress {
  const problems = new Problems();
  const [, host, port = String(PORT), namespace = 'default'] =
    /^temporal:\/\/([\w.-]+|\[[\da-fA-F:]+\])(?::(\d+))?(?:\/([\w.-]+)?)?$/.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    problems.error(
      `'${text}' is not an address of a Temporal server`,
      rangeOfArgument('--engine', text),
      'write temporal://HOST:PORT/NAMESPACE, as temporal://temporal.example.com:7233/default',
    );
  const access = engineAccess(environment.variables, problems);
  if (problems.hasErrors) throw new InputError(problems.all);
  showDiagnostics(problems.all, { color: false }, environment);
  return { address: `${host}:${port}`, namespace, text, ...access };
}
