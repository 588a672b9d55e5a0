import type { BaseAgent, ParsedKey, SigningRequestOptions } from 'ssh2';

type Ssh2 = typeof import('ssh2');

interface AgentOptions {
  /** For each answer. */
  readonly timeoutMs: number;
  /** It may be asked for signatures with SHA-1. */
  readonly sha1: boolean;
  /** The login that it is asked for has ended: nobody waits for its answers any more. */
  readonly isOver: () => boolean;
  /** Takes what goes wrong, for people. */
  readonly onProblem: (problem: string) => void;
  /** Takes what ssh2 throws when it is given an answer. */
  readonly onBroken: (error: unknown) => void;
}

type Answer<T> = (error?: Error | null, value?: T) => void;

/**
 * An SSH agent whose answers may come late, or never, or when the connection that they are for is gone: ssh2 would wait for
 * ever for it, and would throw at the process.
 */
export function guardedAgent({ createAgent, BaseAgent: Base }: Ssh2, path: string, options: AgentOptions): BaseAgent {
  const agent = createAgent(path);

  class GuardedAgent extends Base {
    override getIdentities(answer: Answer<ParsedKey[]>): void {
      once<ParsedKey[]>(options, answer, (done) =>
        agent.getIdentities(done as Parameters<BaseAgent['getIdentities']>[0]),
      );
    }

    override sign(
      key: ParsedKey,
      data: Buffer,
      request: SigningRequestOptions | Answer<Buffer>,
      answer?: Answer<Buffer>,
    ) {
      const [signing, done] = typeof request === 'function' ? [{}, request] : [request, answer ?? (() => undefined)];
      once<Buffer>(options, done, (settle) => {
        if (signing.hash === 'sha1' && !options.sha1) settle(new Sha1Refused());
        else agent.sign(key, data, signing, settle);
      });
    }
  }

  return new GuardedAgent();
}

/** A key was not used: the message of this error is changed by ssh2, its reason is not. */
export class Sha1Refused extends Error {
  readonly reason =
    'the host requires a SHA-1 signature, which kplay only makes with -o PubkeyAcceptedAlgorithms=+ssh-rsa';

  constructor() {
    super('a signature with SHA-1 was refused');
  }
}

/** Asks, and hands on one answer: the first, or that there was none in time. */
function once<T>(
  { timeoutMs, isOver, onProblem, onBroken }: AgentOptions,
  answer: Answer<T>,
  question: (done: Answer<T>) => void,
): void {
  let settled = false;
  const settle: Answer<T> = (error, value) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    if (isOver()) return;
    if (error) onProblem(error instanceof Sha1Refused ? error.reason : error.message);
    try {
      answer(error ?? null, value);
    } catch (broken) {
      onBroken(broken);
    }
  };
  const timer = setTimeout(() => settle(new Error(`it does not answer within ${timeoutMs / 1_000} s`)), timeoutMs);
  try {
    question(settle);
  } catch (error) {
    settle(error instanceof Error ? error : new Error(String(error)));
  }
}
