import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, NextAuthHandler } from 'ssh2';
import type { Secret } from '../core/secret.ts';
import type { LoadedKey } from './key-ring.ts';

/** What a user can prove itself with, in the order in which it is tried. */
export interface Credentials {
  readonly keys: readonly LoadedKey[];
  readonly password: Secret | undefined;
  /** Path of an agent's socket. */
  readonly agentSocket: string | undefined;
  /** Keys were named: they are tried before the password, defaults after it. */
  readonly keysAreDefaults: boolean;
}

interface Attempt {
  /** For people: `key ~/.ssh/id_ed25519 (ssh-ed25519)`. */
  readonly label: string;
  readonly method: AnyAuthMethod;
}

/**
 * One login: offers credentials one by one, skipping what the sshd does not accept anyway. Nothing is offered twice, and there is no
 * request just to ask what is accepted: it would cost a round trip.
 */
export class Authentication {
  /** What has been offered, for the message when all was in vain. */
  readonly tried: string[] = [];
  /** What the sshd said it accepts, when it refused the first offer. */
  accepted: readonly string[] | undefined;
  readonly #left: Attempt[];

  constructor(user: string, credentials: Credentials) {
    this.#left = attempts(user, credentials);
  }

  /** ssh2's `authHandler`. */
  readonly handler: AuthHandlerMiddleware = (accepted: AuthenticationType[] | null, _partial, next) => {
    if (accepted) this.accepted = accepted;
    const index = this.#left.findIndex(({ method }) => !accepted || accepted.includes(protocolName(method)));
    const [attempt] = index < 0 ? [] : this.#left.splice(index, 1);
    if (attempt) {
      this.tried.push(attempt.label);
      next(attempt.method);
    } else {
      // The types do not know it: false ends the login.
      (next as (method: Parameters<NextAuthHandler>[0] | false) => void)(false);
    }
  };
}

function attempts(username: string, credentials: Credentials): Attempt[] {
  const { password, agentSocket, keysAreDefaults } = credentials;
  const keys = credentials.keys.map(
    ({ path, key }): Attempt => ({ label: `key ${path} (${key.type})`, method: { type: 'publickey', username, key } }),
  );
  const agent: Attempt[] =
    agentSocket === undefined
      ? []
      : [{ label: 'the keys of the agent', method: { type: 'agent', username, agent: agentSocket } }];
  const passwords: Attempt[] = password
    ? [
        { label: 'the password', method: { type: 'password', username, password: password.reveal() } },
        { label: 'the password, asked for by the host', method: keyboardInteractive(username, password) },
      ]
    : [];
  return keysAreDefaults ? [...passwords, ...agent, ...keys] : [...keys, ...passwords, ...agent];
}

/** Answers the first question that hides its answer with the password, everything else with nothing. */
function keyboardInteractive(username: string, password: Secret): AnyAuthMethod {
  let answered = false;
  return {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => {
      finish(
        prompts.map(({ echo }) => {
          if (echo || answered) return '';
          answered = true;
          return password.reveal();
        }),
      );
    },
  };
}

/** An agent's keys are public keys to the sshd. */
function protocolName({ type }: AnyAuthMethod): AuthenticationType {
  return type === 'agent' ? 'publickey' : type;
}
