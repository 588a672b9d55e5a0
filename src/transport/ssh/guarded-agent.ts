import type { BaseAgent, ParsedKey, SigningRequestOptions } from 'ssh2';
import { asError } from '../../core/system-error.ts';

type Ssh2 = typeof import('ssh2');

export interface AgentOptions {
  /** Timeout of each answer. */
  readonly timeoutMs: number;
  /** Whether it may be asked for signatures with SHA-1. */
  readonly sha1: boolean;
  /** Which of its keys are offered, and in which order; default: all. */
  readonly select?: (keys: readonly ParsedKey[]) => ParsedKey[];
  /** Whether the login has ended, so that answers are no longer needed. */
  readonly isOver: () => boolean;
  /** Receives problems in words. */
  readonly onProblem: (problem: string) => void;
  /** Called when it is asked to sign: ssh2 does so only with a key whose offer the sshd has accepted. */
  readonly onSign?: () => void;
  /** Receives exceptions that ssh2 throws when it is given an answer. */
  readonly onBroken: (error: unknown) => void;
}

type Answer<T> = (error?: Error | null, value?: T) => void;

/**
 * An SSH agent whose answers may come late, never, or after the end of their connection: ssh2 would wait forever, and its
 * exceptions would be uncaught.
 */
export function guardedAgent({ createAgent, BaseAgent: Base }: Ssh2, path: string, options: AgentOptions): BaseAgent {
  const agent = createAgent(path);

  class GuardedAgent extends Base {
    override getIdentities(answer: Answer<ParsedKey[]>): void {
      withTimeout<ParsedKey[]>(options, answer, (done) => {
        const { select = (keys) => [...keys] } = options;
        const selected: Answer<ParsedKey[]> = (error, keys) => done(error, keys && select(keys));
        agent.getIdentities(selected as Parameters<BaseAgent['getIdentities']>[0]);
      });
    }

    override sign(
      key: ParsedKey,
      data: Buffer,
      request: SigningRequestOptions | Answer<Buffer>,
      answer?: Answer<Buffer>,
    ) {
      options.onSign?.();
      const [signing, done] = typeof request === 'function' ? [{}, request] : [request, answer ?? (() => undefined)];
      withTimeout<Buffer>(options, done, (settle) => {
        if (signing.hash === 'sha1' && !options.sha1) settle(new Sha1Refused());
        else agent.sign(key, data, signing, settle);
      });
    }
  }

  return new GuardedAgent();
}

/** How long the agent may take to say which keys it holds. */
const LIST_TIMEOUT_MS = 5_000;

/** The public halves of the keys that an agent holds; none if it does not say. */
export async function agentKeys(path: string): Promise<readonly Buffer[]> {
  const { default: ssh2 } = await import('ssh2');
  const agent = guardedAgent(ssh2, path, {
    timeoutMs: LIST_TIMEOUT_MS,
    sha1: false,
    isOver: () => false,
    onProblem: () => undefined,
    onBroken: () => undefined,
  });
  return new Promise((resolve) => {
    const answer: Answer<ParsedKey[]> = (_error, keys) => resolve((keys ?? []).map((key) => key.getPublicSSH()));
    agent.getIdentities(answer as Parameters<BaseAgent['getIdentities']>[0]);
  });
}

/** A key was not used. ssh2 changes the message of this error, but not its reason. */
export class Sha1Refused extends Error {
  readonly reason =
    'the host requires a SHA-1 signature, which kplay only makes with -o PubkeyAcceptedAlgorithms=+ssh-rsa';

  constructor() {
    super('a signature with SHA-1 was refused');
  }
}

/** Asks, and passes on one result: the first answer, or a timeout. */
function withTimeout<T>(
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
    settle(asError(error));
  }
}
